/**
 * The two kinds of events. `ProgressEvent`s are what a running operation says of itself to the face that started it;
 * `SystemEvent`s are what happened to an object, kept on disk (engine/state/events.ts) for every process to see.
 */
import type { Filters } from "./docker.ts";
import type { SourceLocation } from "./errors.ts";

/** Bytes that a container, a build step or a stream (save, export, cp) wrote. */
export interface OutputEvent {
  type: "output";
  stream: "stdout" | "stderr";
  /** Valid until the next event is asked for: a long log goes through one buffer. */
  data: Uint8Array;
}

/** A line for the user that is not part of the result, e.g. "Unable to find image 'x' locally". */
export interface MessageEvent {
  type: "message";
  text: string;
}

/** Something that the user should know and that does not stop the operation. */
export interface WarningEvent {
  type: "warning";
  text: string;
  /** Lint rule or note name, when there is one. */
  rule?: string;
  location?: SourceLocation;
}

/** One line of a multi-line progress display; the same `id` replaces the earlier one. */
export interface TransferEvent {
  type: "transfer";
  id: string;
  /** Where several images are fetched at the same time: the one whose part this is. */
  of?: string;
  /** "Pulling fs layer", "Downloading", "Extracting", "Pull complete", "Loading layer", … */
  status: string;
  /** Bytes done and in all, where known. */
  current?: number;
  total?: number;
  done?: boolean;
}

/** A container, network, volume, image or service of a project, or the project, and what is being done to it; the same kind and name replace the earlier one. */
export interface ResourceEvent {
  type: "resource";
  kind: "Container" | "Network" | "Volume" | "Image" | "Service" | "Project";
  name: string;
  /** docker compose's words: "Creating", "Created", "Waiting", "Healthy", "Error", … */
  status: string;
  state: "working" | "done" | "warning" | "error";
  /** Why, or how far. */
  text?: string;
  /** It is only said, not done. */
  dryRun?: boolean;
  /** It comes between lines of others: a line of its own, even where progress is drawn. */
  amongLines?: boolean;
}

/** One row of a streaming command (stats, events, wait): plain data that the command's `present` formats. */
export interface RowEvent {
  type: "row";
  value: unknown;
}

/** A build step (vertex) began, ended, or was found in the cache. Times are milliseconds since the epoch. */
export interface BuildStepEvent {
  type: "step";
  /** Stable within one build. */
  id: string;
  /** "[stage 2/5] RUN apt-get update", "[internal] load build context". */
  name: string;
  status: "started" | "cached" | "done" | "failed" | "cancelled";
  time: number;
  error?: string;
  location?: SourceLocation;
}

/** Output of a build step. */
export interface BuildLogEvent {
  type: "step-log";
  id: string;
  stream: "stdout" | "stderr";
  /** When it came, where that is not now: of a build that is over. Milliseconds since the epoch. */
  time?: number;
  /** Valid until the next event is asked for: a long log goes through one buffer. */
  data: Uint8Array;
}

/** A counter inside a build step: "transferring context: 2.1MB". Bytes where `unit` says so. */
export interface BuildStatusEvent {
  type: "step-status";
  id: string;
  name: string;
  current: number;
  total?: number;
  unit?: "bytes" | "files";
  done?: boolean;
}

export type BuildEvent = BuildStepEvent | BuildLogEvent | BuildStatusEvent | WarningEvent | TransferEvent;

export type ProgressEvent =
  | OutputEvent
  | MessageEvent
  | WarningEvent
  | TransferEvent
  | RowEvent
  | ResourceEvent
  | BuildStepEvent
  | BuildLogEvent
  | BuildStatusEvent;

/** Docker's event message (Engine API "Monitor events"): what `berth events` prints and the TUI listens to. */
export interface SystemEvent {
  /** Position in the log; strictly increasing. */
  seq: number;
  Type: "container" | "image" | "volume" | "network" | "builder" | "daemon";
  /** create, start, die, stop, kill, destroy, attach, exec_start, pull, tag, … */
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: "local";
  /** Seconds and nanoseconds since the epoch. */
  time: number;
  timeNano: number;
}

export interface EventsOptions {
  /** Seconds since the epoch. */
  since?: number;
  until?: number;
  filters?: Filters;
  /** Wait for what comes; ends with `until` or `signal`. */
  follow?: boolean;
  /** Called when the question is found good: what happens from now on is heard. */
  onListening?: () => void;
  signal?: AbortSignal;
}

/** As docker's API and command line show it: the first three members tell of containers and images only. */
export function dockerEvent({ Type, Action, Actor, scope, time, timeNano }: SystemEvent): object {
  const isOld = Type === "container" || Type === "image";
  const from = Type === "container" ? Actor.Attributes["image"] : undefined;
  const old = isOld ? { status: Action, id: Actor.ID, ...(from !== undefined && { from }) } : {};
  const Attributes = Object.fromEntries(Object.entries(Actor.Attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...old, Type, Action, Actor: { ...Actor, Attributes }, scope, time, timeNano };
}
