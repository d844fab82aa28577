/** The build room as the rest of the program sees it: the interface only. */
import type { Readable, Writable } from "node:stream";
import type { Credentials, Filters, Ulimit } from "../docker.ts";
import type { EngineError } from "../errors.ts";
import type { BuildEvent } from "../events.ts";

export interface BuildOptions {
  /** A directory, "-" (a tar or Dockerfile on `stdin`), or a URL. */
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
  platform?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  secrets?: { id: string; file?: string; env?: string }[];
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
  outputs?: { type: "image" | "local" | "tar" | "oci" | "docker"; dest?: string; attributes: Record<string, string> }[];
  cacheFrom?: Record<string, string>[];
  cacheTo?: Record<string, string>[];
  /** Bytes; the build fails over it, as with `# berth:max-size=`. */
  maxSize?: number;
  /** What base images are pulled with, by registry ("docker.io", "localhost:5000"), in place of docker's configuration. */
  credentials?: Record<string, Credentials>;
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
  /** `error` is what a build would reject. */
  check(options: BuildOptions): Promise<{ findings: LintFinding[]; source: string; file: string; error?: EngineError }>;
  outline(options: BuildOptions): Promise<{
    target: string;
    args: { name: string; default?: string; description?: string }[];
    secrets: string[];
    targets: { name: string; base: string; description?: string }[];
  }>;
  du(filters?: Filters): Promise<CacheRecord[]>;
  prune(options?: {
    all?: boolean;
    filters?: Filters /** Bytes to keep. */;
    keepStorage?: number;
  }): Promise<{ CachesDeleted: string[]; SpaceReclaimed: number }>;
  /** Builds of this and other processes, newest first: what the TUI's builds list shows. */
  list(): Promise<BuildSummary[]>;
}

/** One build in the history. */
export interface BuildSummary {
  ID: string;
  Name: string;
  Status: "running" | "completed" | "failed" | "cancelled";
  /** RFC 3339 */
  CreatedAt: string;
  CompletedAt?: string;
  Steps: { total: number; cached: number };
  ImageID?: string;
  Error?: string;
}
