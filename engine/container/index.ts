/** The containers room as the rest of the program sees it: the interface only; the rooms beside it implement it. */
import type { Readable } from "node:stream";
import type { EndpointSettings, Filters } from "../docker.ts";
import type { ProgressEvent } from "../events.ts";
import type { Pourable } from "../image/types.ts";
import type {
  AttachOptions,
  ContainerCreate,
  ContainerInspect,
  ContainerSummary,
  CopyToOptions,
  ExecConfig,
  ExecInspect,
  ExecStart,
  FilesystemChange,
  ListOptions,
  LogEntry,
  LogsOptions,
  PathStat,
  ProcessTable,
  SessionEnd,
  StatsOptions,
  StatsSample,
  Streams,
  UpdateConfig,
  WaitCondition,
} from "./types.ts";

/** `ref` everywhere: a full id, a unique id prefix, or a name. Unknown: `not-found`; several: `ambiguous`. */
export interface Containers {
  /** Pulls the image when the policy says so, prepares root file system, network and volumes; nothing runs yet. */
  create(spec: ContainerCreate, signal?: AbortSignal): AsyncGenerator<ProgressEvent, { Id: string; Warnings: string[] }>;
  /**
   * create + attach + start + wait + remove in one: what `docker run` in the foreground does. Without a terminal and
   * with AutoRemove it takes the fast path (no monitor).
   */
  run(spec: ContainerCreate, streams: Streams, options: AttachOptions): AsyncGenerator<ProgressEvent, { Id: string } & SessionEnd>;
  /** Starts; with streams it attaches before the start, so that no output is lost, and waits. */
  start(ref: string, streams?: Streams, options?: AttachOptions): Promise<SessionEnd | undefined>;
  /** Sends the stop signal, waits `timeout` seconds (default: the container's, else 10), kills. */
  stop(ref: string, options?: { timeout?: number; signal?: string }): Promise<void>;
  restart(ref: string, options?: { timeout?: number; signal?: string }): Promise<void>;
  /**
   * `signal` as "KILL", "SIGKILL" or "9".
   * @param options.process one of its processes in place of the first, by the pid that `top` shows
   * @throws EngineError `not-running`, `not-found` where that is none of its processes, `unsupported` by docker's API
   */
  kill(ref: string, signal?: string, options?: { process?: number }): Promise<void>;
  pause(ref: string): Promise<void>;
  unpause(ref: string): Promise<void>;
  /** @param options.link `ref` is "CONTAINER/ALIAS", and what goes is the link */
  remove(ref: string, options?: { force?: boolean; volumes?: boolean; link?: boolean }): Promise<void>;
  rename(ref: string, name: string): Promise<void>;
  /** Puts it on a further network: at once while it runs, else at its next start. */
  connect(ref: string, network: string, settings?: EndpointSettings): Promise<void>;
  /** @param options.force also from a network that is gone, while it runs */
  disconnect(ref: string, network: string, options?: { force?: boolean }): Promise<void>;
  update(ref: string, config: UpdateConfig): Promise<{ Warnings: string[] }>;
  /**
   * Resolves with the exit status when the condition holds.
   * @param onWaiting called when it waits: what happens from now on counts
   */
  wait(ref: string, condition?: WaitCondition, signal?: AbortSignal, onWaiting?: () => void): Promise<number>;
  list(options?: ListOptions): Promise<ContainerSummary[]>;
  inspect(ref: string, options?: { size?: boolean }): Promise<ContainerInspect>;
  /** Each array holds entries that were there at once; with `follow`, what comes is given as it comes. */
  logs(ref: string, options?: LogsOptions): AsyncIterable<LogEntry[]>;
  attach(ref: string, streams: Streams, options?: AttachOptions): Promise<SessionEnd>;
  /** Of the terminal of its process; one without a terminal keeps none. @throws EngineError `not-running` */
  resize(ref: string, size: { columns: number; rows: number }): Promise<void>;
  /** Runs a further process, as `Execs` does by id; resolves at once with no exitCode when `Detach`. */
  exec(ref: string, config: ExecConfig, streams: Streams, signal?: AbortSignal): Promise<SessionEnd>;
  top(ref: string, psArgs?: string[]): Promise<ProcessTable>;
  /** Samples of the given containers (all running ones when empty) once, or again and again with `stream`. */
  stats(refs: string[], options?: StatsOptions): AsyncIterable<StatsSample[]>;
  changes(ref: string): Promise<FilesystemChange[]>;
  /** The flattened file system as an uncompressed tar. */
  export(ref: string): Promise<Readable & Partial<Pourable>>;
  commit(
    ref: string,
    options: { reference?: string; author?: string; message?: string; changes?: string[]; pause?: boolean },
  ): Promise<{ Id: string }>;
  /** What a path inside the container is. A last link is not followed, unless the path ends in "/" or "/.". */
  statPath(ref: string, path: string): Promise<PathStat>;
  /**
   * A tar stream of `path` inside the container.
   * @param options.name of the stream's root entry; default the path's base name; "" leaves it out, and gives what is in a directory
   */
  copyFrom(ref: string, path: string, options?: { followLink?: boolean; name?: string }): Promise<Readable>;
  /**
   * Unpacks a tar stream into the directory `path` inside the container, with the archive's numeric owners.
   * @param options.archive everything belongs to the container's user, when it has one
   */
  copyTo(ref: string, path: string, tar: Readable, options?: CopyToOptions): Promise<void>;
  prune(filters?: Filters): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }>;
}

/**
 * Further processes of running containers, by id: made, started once, looked at and resized by whoever has the id. An id that
 * this engine has not made, or that ended more than five minutes ago, is `not-found`.
 */
export interface Execs {
  /** Nothing runs yet. @throws EngineError `not-found`, `not-running`, `conflict` (paused), `invalid` */
  create(ref: string, config: Omit<ExecConfig, "Detach">): Promise<{ Id: string }>;
  /** @throws EngineError `conflict` the second time, `not-running`, `command-not-found`, `command-not-executable` */
  start(id: string, options?: ExecStart): Promise<SessionEnd>;
  inspect(id: string): Promise<ExecInspect>;
  /** @throws EngineError `not-running` when it has no terminal, or not now */
  resize(id: string, size: { columns: number; rows: number }): Promise<void>;
}

export type * from "./types.ts";
