/** The build room as the rest of the program sees it: the interface only. */
import type { Readable, Writable } from "node:stream";
import type { Credentials, Filters, Ulimit } from "../docker.ts";
import type { EngineError } from "../errors.ts";
import type { BuildEvent } from "../events.ts";

/**
 * Whoever asked for a build from elsewhere: what it is made from, what it may know and where its result goes are theirs, and nothing
 * of this host's.
 */
export interface BuildClient {
  /** Copies a directory of theirs ("context", "dockerfile", that of a named context) into an empty one of this host's. */
  receive(name: string, into: string, wish: ReceiveWish): Promise<void>;
  /** A secret's value; undefined when they have none of this name. */
  secret(id: string): Promise<Buffer | undefined>;
  /** The socket of this host where their SSH agent answers until the build is over; undefined when they have none of this name. */
  agent(id: string): Promise<string | undefined>;
  /** What they show to a registry ("docker.io", "localhost:5000"); null for nothing. */
  credentials(domain: string): Promise<Credentials | null>;
  /** Gives them the files of an output, which they put where it goes. @param output its place in `BuildOptions.outputs` */
  send(output: number, directory: string, signal: AbortSignal): Promise<void>;
  /** The same for an archive. */
  write(output: number, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** @param name what they call it: "local:DIRECTORY" */
  store(name: string): ClientStore;
}

/** Blobs by their digests, in a directory of a client's. */
export interface ClientStore {
  has(digest: string, signal: AbortSignal): Promise<boolean>;
  /** @throws EngineError `not-found` */
  read(digest: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Leaves one that is there already alone. @returns what names it; `size` in bytes */
  write(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<{ digest: string; size: number }>;
}

export interface ReceiveWish {
  /** Only what these match, by the rules of .dockerignore. */
  include?: readonly string[];
  exclude?: readonly string[];
  /** Only these paths, wildcards among them, what lies below, and what their links lead to. More may come. */
  follow?: readonly string[] | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes received so far. */
  onProgress?: (bytes: number) => void;
}

export interface BuildOptions {
  /** A directory, "-" (a tar or Dockerfile on `stdin`), or a URL. With a client: "context" of theirs instead of a directory. */
  context: string;
  stdin?: Readable;
  /** Where an output with dest "-" goes. */
  stdout?: Writable;
  /** Path of the Dockerfile, "-" for `stdin`; default CONTEXT/Dockerfile. */
  file?: string;
  /** The Dockerfile's text itself, instead of `file`. */
  dockerfile?: string;
  tags?: string[];
  buildArgs?: Record<string, string>;
  target?: string;
  noCache?: boolean;
  noCacheFilter?: string[];
  pull?: boolean;
  /** Without what this host's policies ask of images, if they permit that. */
  noVerify?: boolean;
  /** "linux/arm64"; of several, with commas between them, each becomes an image, and all of them an index. */
  platform?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  secrets?: {
    id: string;
    file?: string;
    env?: string;
    /** What the variable stands for, where that is not this process's environment. */
    value?: string;
  }[];
  ssh?: { id: string; paths: string[] }[];
  /** Of RUN steps: "default", "none", "host", "container:ID", or a network's name. */
  network?: string;
  /** What RUN may do beyond its sandbox: "network.host", "security.insecure". */
  allow?: string[];
  addHosts?: string[];
  /** Bytes. */
  shmSize?: number;
  ulimits?: Ulimit[];
  buildContexts?: Record<string, string>;
  /** "cacheonly": nothing is made of the result. */
  outputs?: { type: "image" | "local" | "tar" | "oci" | "docker" | "cacheonly"; dest?: string; attributes: Record<string, string> }[];
  cacheFrom?: Record<string, string>[];
  cacheTo?: Record<string, string>[];
  /** What is attested of the image, beside it in an index: buildx's `--attest`. Default nothing. */
  attests?: { type: string; attributes: Record<string, string> }[];
  /** Bytes; the build fails over it, as with `# berth:max-size=`. */
  maxSize?: number;
  /** Directives that hold beside the Dockerfile's; its absolute path, beside which paths in it begin, and its text. */
  securityProfile?: { file: string; text: string };
  /** What base images are pulled with, by registry ("docker.io", "localhost:5000"), in place of docker's configuration. */
  credentials?: Record<string, Credentials>;
  /** Then paths of files, secrets, keys and outputs are the client's. Of theirs: a named context "local:NAME", a Dockerfile "local:PATH". */
  client?: BuildClient;
  /** What the history calls it, if that is free: letters and digits; default 64 hexadecimal digits. */
  id?: string;
  /** Where relative paths start; default the process's directory. */
  cwd?: string;
  signal?: AbortSignal;
}

export interface BuildResult {
  /** Image id; absent with --check, --call, or outputs that make no image. */
  ImageID?: string;
  Tags: string[];
  /** Docker's metadata file. */
  Metadata: Record<string, unknown>;
  /** Steps run, steps found in the cache. */
  Steps: { total: number; cached: number };
}

export interface LintFinding {
  rule: string;
  severity: "warning" | "error";
  message: string;
  /** What the rule wants in general. */
  description: string;
  url?: string;
  file: string;
  /** From 1. */
  line: number;
  column: number;
  endLine?: number;
}

/** A document, and what BuildKit's clients print of it. */
export interface Answer<Document> {
  document: Document;
  text: string;
}

/** Of the documents that BuildKit's frontend answers with (frontend/subrequests): lines from 1. */
export interface DocumentLocation {
  ranges: { start: { line: number }; end: { line: number } }[];
}

/** What a check says: "frontend.lint". */
export interface LintDocument {
  warnings: { ruleName: string; description?: string; url?: string; detail: string; location: DocumentLocation }[];
  /** `data` in base64. */
  sources: { filename: string; language: string; data: string }[];
  buildError?: { message: string; location: Partial<DocumentLocation> };
}

export interface OutlineArg {
  name: string;
  description?: string;
  value?: string;
  location: DocumentLocation;
}

/** A secret or an agent. */
export interface OutlineMount {
  name: string;
  required?: boolean;
  location: DocumentLocation;
}

/** What a build of a target can be given: "frontend.outline". */
export interface Outline {
  name?: string;
  description?: string;
  args?: OutlineArg[];
  secrets?: OutlineMount[];
  ssh?: OutlineMount[];
  /** Base64. */
  sources: string[];
}

/** "frontend.targets" */
export interface TargetList {
  targets: { name?: string; default?: boolean; description?: string; base: string; platform?: string; location: DocumentLocation }[];
  /** Base64. */
  sources: string[];
}

export interface CacheRecord {
  ID: string;
  Type: "regular" | "source.local" | "exec.cachemount" | "internal";
  Description: string;
  InUse: boolean;
  Shared: boolean;
  /** Bytes. */
  Size: number;
  CreatedAt: string;
  LastUsedAt: string;
  UsageCount: number;
  Parents: string[];
}

export interface Builder {
  build(options: BuildOptions): AsyncGenerator<BuildEvent, BuildResult>;
  /** `error` is what a build would reject; the document says all of it in BuildKit's form. */
  check(
    options: BuildOptions,
  ): Promise<{ findings: LintFinding[]; source: string; file: string; error?: EngineError; document: LintDocument }>;
  outline(options: BuildOptions): Promise<Answer<Outline>>;
  targets(options: BuildOptions): Promise<Answer<TargetList>>;
  du(filters?: Filters): Promise<CacheRecord[]>;
  prune(options?: {
    all?: boolean;
    filters?: Filters /** Bytes to keep. */;
    keepStorage?: number;
  }): Promise<{ CachesDeleted: string[]; SpaceReclaimed: number }>;
  /** Builds of this and other processes, newest first. */
  list(): Promise<BuildSummary[]>;
  /** @param reference an id or its beginning; "^2": two before the newest; "": the newest */
  inspect(reference: string): Promise<BuildRecord>;
  /** What a build said, and with `follow` what it goes on to say until its end. */
  replay(reference: string, options?: { follow?: boolean; signal?: AbortSignal }): AsyncGenerator<BuildEvent>;
  /** Takes builds that are over out of the list. @returns their ids */
  forget(references: readonly string[]): Promise<string[]>;
  /** Yields whenever some build begins, says something or ends. */
  changes(signal: AbortSignal): AsyncGenerator<void>;
}

/** One build in the history. */
export interface BuildSummary {
  ID: string;
  Name: string;
  /** "interrupted": its process died. */
  Status: "running" | "completed" | "failed" | "cancelled" | "interrupted";
  /** RFC 3339 */
  CreatedAt: string;
  CompletedAt?: string;
  Steps: { total: number; cached: number };
  ImageID?: string;
  Error?: string;
}

/** A build with all that was kept of it but the output of its steps. */
export interface BuildRecord extends BuildSummary {
  /** As it was named. */
  Dockerfile: string;
  Context: string;
  Target?: string;
  Platform?: string;
  Tags: string[];
  /** Values of arguments that are secrets by their names are not kept. */
  Args: Record<string, string>;
  /** Ids. */
  Secrets: string[];
  NoCache: boolean;
  /** Those that were needed: Base and Needs are labels of others. */
  Stages: { Label: string; Name: string; Base?: string; Needs: string[] }[];
  /** In the order in which they began. */
  Vertices: BuildVertex[];
  Warnings: { Text: string; Rule?: string; File?: string; Line?: number }[];
}

/** A step of a build. */
export interface BuildVertex {
  ID: string;
  /** "[deps 2/5] RUN make" */
  Name: string;
  /** Label of its stage. */
  Stage?: string;
  Status: "running" | "cached" | "done" | "failed" | "cancelled" | "interrupted";
  /** RFC 3339 */
  StartedAt: string;
  CompletedAt?: string;
  Error?: string;
  /** Ids of steps that it waited for. */
  Inputs: string[];
  HasOutput: boolean;
  /** Of its output. */
  LastLine?: string;
}
