/** What the fake engine keeps: the plain arrays that tests fill and read, what belongs to them, and its log of events. */
import { EventEmitter, on } from "node:events";
import { PassThrough } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import type { BuildEvent } from "../../../engine/events.ts";
import type {
  BuildRecord,
  Capabilities,
  ContainerCreate,
  ContainerSummary,
  EventsOptions,
  ExecConfig,
  FileEntry,
  ImageSummary,
  NetworkInspect,
  SystemEvent,
  VolumeInspect,
} from "../../../engine/index.ts";
import { matchesEvent } from "../../../engine/state/events.ts";
import type { TerminalSize } from "../../../engine/sys/terminal.ts";
import type { FakeProcess } from "./process.ts";

export interface Life {
  spec: ContainerCreate | undefined;
  process: FakeProcess | undefined;
  stdin: PassThrough;
  log: { stream: "stdout" | "stderr"; line: string }[];
  exitCode: number;
  files: Set<string>;
  networks: Set<string>;
  size: TerminalSize;
  ended: Promise<number> | undefined;
}

export interface FakeExec {
  id: string;
  container: ContainerSummary;
  config: ExecConfig;
  started: boolean;
  exitCode: number | null;
  size: TerminalSize | undefined;
}

/** What is in a tree, by path. */
export type FakeTree = Record<string, Omit<FileEntry, "Name" | "Uid" | "Gid" | "Modified"> & Partial<FileEntry> & { content?: Buffer }>;

let counter = 0;

/** An id of 64 hexadecimal digits, different each time. */
export function id(): string {
  return (++counter).toString(16).padStart(12, "0").padEnd(64, "a");
}

export class World {
  containers: ContainerSummary[] = [];
  images: ImageSummary[] = [];
  volumes: VolumeInspect[] = [];
  networks: NetworkInspect[] = [];
  /** The newest last; whoever changes one emits the signal "build". */
  builds: BuildRecord[] = [];
  /** What builds said, by their ids. */
  readonly said = new Map<string, BuildEvent[]>();
  /** Lines of the log of every container that a test has put here. */
  log: string[] = [];
  /** Method calls that change something, in order: "stop web". */
  calls: string[] = [];
  /** How many streams of measurements are open now. */
  measuring = 0;
  /** What this engine says that it cannot do, and then does not. */
  cannot: { -readonly [Verb in keyof Capabilities["cannot"]]: string } = {};
  /** Files, by what they are of: "container ID", "volume NAME", "image ID layer 2". */
  readonly trees = new Map<string, FakeTree>();
  readonly signals = new EventEmitter().setMaxListeners(0);
  readonly execs = new Map<string, FakeExec>();
  /** By image. */
  readonly labels = new Map<string, { labels: Record<string, string>; cmd: string[] | undefined }>();
  #lives = new Map<string, Life>();
  #history: SystemEvent[] = [];

  /** Says that something happened, as another process would. */
  emit(Type: SystemEvent["Type"], Action: string, ID = "", Attributes: Record<string, string> = {}): void {
    const now = Date.now();
    const seq = this.#history.length + 1;
    const event: SystemEvent = {
      seq,
      Type,
      Action,
      Actor: { ID, Attributes },
      scope: "local",
      time: Math.floor(now / 1000),
      timeNano: now * 1e6,
    };
    this.#history.push(event);
    this.signals.emit("event", event);
  }

  /** Adds lines to the log of those who follow. */
  append(line: string): void {
    this.log.push(line);
    this.signals.emit("line", "", { stream: "stdout", line });
  }

  async *events({ since, until, filters = {}, follow, signal, onListening }: EventsOptions = {}): AsyncGenerator<SystemEvent> {
    const end = until === undefined ? undefined : AbortSignal.timeout(Math.max(0, until * 1000 - Date.now()));
    const over = AbortSignal.any([signal, end].filter((each) => each !== undefined));
    const coming = follow ? on(this.signals, "event", { signal: over }) : undefined;
    onListening?.();
    const between = ({ timeNano }: SystemEvent) => timeNano / 1e9 >= (since ?? 0) && timeNano / 1e9 <= (until ?? Number.POSITIVE_INFINITY);
    const past = follow && since === undefined && until === undefined ? [] : this.#history.filter(between);
    for (const event of past) if (matchesEvent(event, filters)) yield event;
    try {
      if (coming) for await (const [event] of coming) if (matchesEvent(event, filters)) yield event;
    } catch (error) {
      if (!end?.aborted) throw error;
    }
  }

  /** @throws EngineError `not-found` */
  container(ref: string): ContainerSummary {
    const found = this.containers.find((each) => each.Id.startsWith(ref) || each.Names.includes(`/${ref}`));
    if (!found) throw new EngineError("not-found", `no such container: "${ref}"`);
    return found;
  }

  life({ Id }: ContainerSummary): Life {
    let life = this.#lives.get(Id);
    if (!life) {
      const fresh = { spec: undefined, process: undefined, ended: undefined, exitCode: 0 };
      life = { ...fresh, stdin: new PassThrough(), log: [], files: new Set(), networks: new Set(), size: { columns: 80, rows: 24 } };
      this.#lives.set(Id, life);
    }
    return life;
  }

  /** Another row in its place, as lists are compared by identity. */
  patch(row: ContainerSummary, change: Partial<ContainerSummary>): ContainerSummary {
    const at = this.containers.findIndex(({ Id }) => Id === row.Id);
    const next = { ...row, ...change };
    if (at >= 0) this.containers.splice(at, 1, next);
    return next;
  }
}
