/**
 * What a parsed Dockerfile is: plain data, one type per instruction, every flag typed, a location on everything. Values
 * are as written (quotes kept where the instruction expands words); `expandInstruction` in expand-instruction.ts turns
 * them into what the builder executes. The lexical layers that lead here are in source.ts, lines.ts and words.ts.
 */
import type { SourceLocation } from "../errors.ts";

/** A whole Dockerfile. */
export interface Dockerfile {
  /** As given by the caller; only used in locations. */
  file: string;
  source: string;
  directives: Directives;
  /** ARG instructions before the first FROM: visible to FROM lines only, unless a stage redeclares them. */
  metaArgs: ArgInstruction[];
  /** At least one. */
  stages: Stage[];
  /** What the parser itself found odd (BuildKit reports these on every build). */
  warnings: ParserWarning[];
  /** `# berth:…` comment directives; docker ignores them. */
  berth: BerthDirectives;
}

/** Parser directives: `# key=value` at the very top (Dockerfile reference, "Parser directives"). */
export interface Directives {
  syntax?: Directive;
  /** The escape character; "\\" when there is no directive. */
  escape: "\\" | "`";
  check?: Directive;
}

export interface Directive {
  value: string;
  location: SourceLocation;
}

/** The image's budget; a build over it fails and keeps the previous tag. */
export interface BerthDirectives {
  /** Bytes of all layers, uncompressed. */
  maxSize?: BerthDirective;
  maxLayers?: BerthDirective;
  /** Share of the layers' bytes that is visible in the final file system, 0 to 1. */
  minEfficiency?: BerthDirective;
}

export interface BerthDirective {
  value: number;
  /** As written: "120MB". */
  text: string;
  location: SourceLocation;
}

export interface ParserWarning {
  /** Lint rule of the same meaning: NoEmptyContinuation. */
  rule: string;
  message: string;
  url: string;
  location: SourceLocation;
}

/** One build stage: a FROM and what follows it. */
export interface Stage {
  /** Lower-cased name after AS; undefined when the stage has none. */
  name?: string;
  /** Position in the file, from 0; `COPY --from=0` refers to it. */
  index: number;
  from: FromInstruction;
  instructions: Instruction[];
  /** From FROM to the last line of the last instruction. */
  location: SourceLocation;
}

/** What all instructions have. */
export interface InstructionBase {
  /** The keyword as it was written: "Copy". */
  keyword: string;
  /**
   * The instruction's text with continuation lines joined and comments dropped, heredoc bodies not included: what
   * BuildKit shows as the step's name and writes into the history.
   */
  original: string;
  /** First line of the keyword to the last line, heredoc bodies included. */
  location: SourceLocation;
  /** Comment lines right above, without "#": outlines describe arguments and targets with them. */
  comments: string[];
}

/** A heredoc body (Dockerfile reference, "Here-Documents"). */
export interface Heredoc {
  /** The delimiter, unquoted; COPY and ADD name the file after it. */
  name: string;
  /** File descriptor before `<<`; 0 when there is none. */
  fd: number;
  /** False when the delimiter was quoted: the body is taken literally. */
  expand: boolean;
  /** `<<-`: leading tabs are to be removed; `content` still has them. */
  chomp: boolean;
  /** The body as in the file, the last newline included, the delimiter line not. */
  content: string;
  /** The body's first line to its delimiter. */
  location: SourceLocation;
}

/** `["a", "b"]` executes as given; anything else goes to the shell as one string. */
export type CommandForm = { form: "exec"; argv: string[] } | { form: "shell"; script: string };

export interface KeyValue {
  key: string;
  value: string;
  /** The legacy `ENV key value` form without "=". */
  legacy: boolean;
}

export interface FromInstruction extends InstructionBase {
  kind: "from";
  /** Image reference, stage name or "scratch", with variables not yet expanded. */
  image: string;
  /** `--platform` */
  platform?: string;
  /** Name after AS, lower-cased. */
  as?: string;
  /** Name after AS as written, for lint. */
  asWritten?: string;
  /** "AS" as written, for lint. */
  asKeyword?: string;
}

export interface ArgInstruction extends InstructionBase {
  kind: "arg";
  /** `value` is undefined for `ARG name`. */
  args: { key: string; value?: string; comment?: string }[];
}

export interface EnvInstruction extends InstructionBase {
  kind: "env";
  variables: KeyValue[];
}

export interface LabelInstruction extends InstructionBase {
  kind: "label";
  labels: KeyValue[];
}

export interface RunInstruction extends InstructionBase {
  kind: "run";
  command: CommandForm;
  heredocs: Heredoc[];
  mounts: RunMount[];
  /** `--network`; default "default". */
  network: "default" | "none" | "host";
  /** `--security`; "insecure" needs the caller's consent. */
  security: "sandbox" | "insecure";
  devices: { name: string; required: boolean }[];
}

interface RunMountBase {
  /** As written after `--mount=`, before expansion. */
  text: string;
  target?: string;
  readOnly: boolean;
}

/** `type=bind` (the default): a directory of the context, a stage, an image or a named context. */
export interface BindMount extends RunMountBase {
  type: "bind";
  from?: string;
  source?: string;
}

/** `type=cache`: a directory that outlives the build. */
export interface CacheMount extends RunMountBase {
  type: "cache";
  /** Default: the target. */
  id?: string;
  from?: string;
  source?: string;
  sharing: "shared" | "private" | "locked";
  /** Octal in the file; default 0o755. */
  mode?: number;
  uid?: number;
  gid?: number;
}

export interface TmpfsMount extends RunMountBase {
  type: "tmpfs";
  /** Bytes; undefined: no limit. */
  size?: number;
}

/** `type=secret`: a file, or with `env` a variable (both when there is also a target), that never reaches a layer. */
export interface SecretMount extends RunMountBase {
  type: "secret";
  /** Default: basename of the target. */
  id?: string;
  env?: string;
  required: boolean;
  /** Octal in the file; default 0o400. */
  mode?: number;
  uid?: number;
  gid?: number;
}

export interface SshMount extends RunMountBase {
  type: "ssh";
  /** Default "default". */
  id?: string;
  required: boolean;
  /** Octal in the file; default 0o600. */
  mode?: number;
  uid?: number;
  gid?: number;
}

export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount;

/** A source of COPY or ADD that is in the Dockerfile itself, a heredoc. */
export interface InlineFile {
  /** File name, from the delimiter. */
  name: string;
  /** `<<-` already applied. */
  data: string;
  expand: boolean;
}

interface TransferInstruction extends InstructionBase {
  /** Paths (or, for ADD, URLs), in order; may be empty when there are inline files. */
  sources: string[];
  inline: InlineFile[];
  destination: string;
  chown?: string;
  /** Octal ("755") or symbolic ("u=rwX,go=rX"); not checked before expansion. */
  chmod?: string;
  link: boolean;
  exclude: string[];
}

export interface CopyInstruction extends TransferInstruction {
  kind: "copy";
  /** Stage name or index, image, or named context. */
  from?: string;
  parents: boolean;
}

export interface AddInstruction extends TransferInstruction {
  kind: "add";
  /** Undefined when the flag is absent: only git sources have a say then. */
  keepGitDir?: boolean;
  /** "sha256:…" */
  checksum?: string;
  /** Undefined when absent: local archives are unpacked, remote ones are not. */
  unpack?: boolean;
}

export interface WorkdirInstruction extends InstructionBase {
  kind: "workdir";
  path: string;
}

export interface UserInstruction extends InstructionBase {
  kind: "user";
  user: string;
}

export interface ExposeInstruction extends InstructionBase {
  kind: "expose";
  /** Port specifications ("80", "53/udp", "7000-7010") as words, sorted as BuildKit does; parse with `parsePorts` after expansion. */
  ports: string[];
}

export interface VolumeInstruction extends InstructionBase {
  kind: "volume";
  volumes: string[];
}

export interface StopsignalInstruction extends InstructionBase {
  kind: "stopsignal";
  signal: string;
}

export interface HealthcheckInstruction extends InstructionBase {
  kind: "healthcheck";
  /** Docker's Test: ["NONE"], ["CMD", …argv] or ["CMD-SHELL", script]. */
  test: string[];
  /** Durations in nanoseconds, as in the image configuration; undefined: inherit. */
  interval?: number;
  timeout?: number;
  startPeriod?: number;
  startInterval?: number;
  retries?: number;
}

export interface ShellInstruction extends InstructionBase {
  kind: "shell";
  shell: string[];
}

export interface OnbuildInstruction extends InstructionBase {
  kind: "onbuild";
  /** The trigger's text, what goes into the configuration's OnBuild list. */
  expression: string;
  /** The trigger, parsed; undefined when it would fail where it runs, which BuildKit lets pass here. */
  trigger?: Instruction;
  /** Why `trigger` is undefined. */
  triggerError?: string;
}

export interface MaintainerInstruction extends InstructionBase {
  kind: "maintainer";
  maintainer: string;
}

export interface EntrypointInstruction extends InstructionBase {
  kind: "entrypoint";
  command: CommandForm;
}

export interface CmdInstruction extends InstructionBase {
  kind: "cmd";
  command: CommandForm;
}

/** What can stand inside a stage. */
export type Instruction =
  | AddInstruction
  | ArgInstruction
  | CmdInstruction
  | CopyInstruction
  | EntrypointInstruction
  | EnvInstruction
  | ExposeInstruction
  | HealthcheckInstruction
  | LabelInstruction
  | MaintainerInstruction
  | OnbuildInstruction
  | RunInstruction
  | ShellInstruction
  | StopsignalInstruction
  | UserInstruction
  | VolumeInstruction
  | WorkdirInstruction;

export type AnyInstruction = Instruction | FromInstruction;

export type InstructionKind = AnyInstruction["kind"];

/** The instruction of a kind. */
export type InstructionOf<K extends InstructionKind> = Extract<AnyInstruction, { kind: K }>;

/** Where variables come from while words are expanded. */
export interface Variables {
  get(name: string): string | undefined;
}
