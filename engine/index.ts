/**
 * The only door of the engine. Everything outside (commands, views, tests of behaviour, other programs by
 * `import { openEngine } from "berth"`) reaches containers through the `Engine` interface, so that another host — a
 * Docker socket, a cluster — can later stand behind the same commands.
 */
import type { Builder } from "./build/index.ts";
import type { Containers, Filters } from "./container/index.ts";
import type { SystemEvent } from "./events.ts";
import type { System } from "./host/index.ts";
import { openHouse } from "./house.ts";
import type { Images } from "./image/index.ts";
import type { Networks } from "./network/index.ts";
import type { Volumes } from "./volume/index.ts";

export interface EventsOptions {
  /** Seconds since the epoch. */
  since?: number;
  until?: number;
  filters?: Filters;
  /** Wait for what comes; ends with `until` or `signal`. */
  follow?: boolean;
  signal?: AbortSignal;
}

export interface Engine extends AsyncDisposable {
  readonly containers: Containers;
  readonly images: Images;
  readonly builder: Builder;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly system: System;
  /** Past events in order, then, with `follow`, new ones of every process within a few milliseconds. */
  events(options?: EventsOptions): AsyncIterable<SystemEvent>;
  /** Releases handles; nothing that runs is touched. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** State directory; default `$BERTH_ROOT`, else /var/lib/berth. */
  root?: string;
  /** OCI runtime: a name or an absolute path; default `$BERTH_RUNTIME`, else crun where it works, else runc. */
  runtime?: string;
  /** How to start this program again (conmon's exit command, the supervisor). */
  self?: string[];
  /**
   * Set by a program that has neither threads for layers nor sessions with monitors: called before the first one is
   * needed, and before anything is done; it never returns.
   */
  handOver?: () => never;
  /**
   * The user's umask, which files that are the user's keep to (`--cidfile`, `build -o`). Set by a program that has given its process
   * 022, so that what the engine makes has the modes it says; default: the process's own.
   */
  umask?: number;
  /** Program version, for `version` and labels. */
  version?: string;
}

/** Opens the engine over a state directory. Cheap: rooms open what they need when they are first used. */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  return openHouse(options);
}

export type * from "./build/index.ts";
export type * from "./container/index.ts";
export { EngineError, type ErrorCode, errorKinds, type SourceLocation, toEngineError } from "./errors.ts";
export type * from "./events.ts";
export type * from "./host/index.ts";
export type * from "./image/index.ts";
export type * from "./network/index.ts";
export type * from "./volume/index.ts";
