/**
 * What an engine is to everything outside: its rooms, its events. An interface only, so that another host — a Docker socket, a
 * cluster — can stand behind the same commands.
 */
import type { Builder } from "./build/index.ts";
import type { Containers, Execs } from "./container/index.ts";
import type { EventsOptions, SystemEvent } from "./events.ts";
import type { Files } from "./files/index.ts";
import type { System } from "./host/index.ts";
import type { Images } from "./image/index.ts";
import type { Networks } from "./network/index.ts";
import type { Volumes } from "./volume/index.ts";

export interface Engine extends AsyncDisposable {
  readonly containers: Containers;
  readonly execs: Execs;
  readonly images: Images;
  readonly builder: Builder;
  readonly networks: Networks;
  readonly volumes: Volumes;
  /** What is in containers, volumes and images. */
  readonly files: Files;
  readonly system: System;
  /** What this host cannot do, said beforehand: a face shows it, and need not try. Asking is cheap, and the answer stays. */
  capabilities(): Promise<Capabilities>;
  /** Past events in order, then, with `follow`, new ones of every process within a few milliseconds. */
  events(options?: EventsOptions): AsyncIterable<SystemEvent>;
  /** Releases handles; nothing that runs is touched. */
  close(): Promise<void>;
}

type Room = "containers" | "execs" | "images" | "builder" | "networks" | "volumes" | "files" | "system";

/** A verb of an engine by its name: "containers.pause". */
export type Verb = { [Name in Room]: `${Name}.${Extract<keyof Engine[Name], string>}` }[Room];

export interface Capabilities {
  /** Why a verb cannot be carried out here. Whoever calls it all the same gets `unsupported`, with this reason in the message. */
  readonly cannot: Readonly<Partial<Record<Verb, string>>>;
}
