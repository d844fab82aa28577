/**
 * Opens logs and keeps them current: of a container on this machine from its files, of others from what their host sends; of several
 * at once in the order of their times. They follow their containers: a new life is announced, an end is said.
 */
import { existsSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { ContainerSummary, Engine } from "../../engine/index.ts";
import { parseInstant } from "../../src/format/time.ts";
import { containerName, isRunning } from "../resources/containers.ts";
import type { AppState, PagerState } from "../state.ts";
import type { Store } from "../store.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { Line, TimedSource } from "./line-source.ts";
import { LogSource } from "./log-source.ts";
import { MergedSource } from "./merged-source.ts";
import { readLog } from "./read.ts";

/** Lines that a host is asked for, of all containers together. */
const logTail = 5000;
/** What berth calls the newest file of a log. */
const fileName = "ctr.log";
/** Milliseconds between two looks at a file that grows. */
const frame = 33;

/** What shows the lines. */
export interface LogScreen {
  createBuffer(): LineBuffer;
  open(title: string, source: LineBuffer, options: Partial<PagerState> & { abort: AbortController }): void;
  /** Changes what is open, if it shows this source or is on its way to it. */
  update(signal: AbortSignal, change: (pager: PagerState) => Partial<PagerState>): void;
  /** There is more to see. */
  grown(): void;
}

export class LogViews {
  #engine: Engine;
  #store: Store<AppState>;
  #screen: LogScreen;
  #abort: AbortController | undefined;
  /** When the life began that was read last. */
  #life: string | undefined;
  /** Where the log ended when that life was heard of last. */
  #known = 0;

  constructor(engine: Engine, store: Store<AppState>, screen: LogScreen) {
    this.#engine = engine;
    this.#store = store;
    this.#screen = screen;
  }

  open(containers: readonly ContainerSummary[]): void {
    const [only] = containers;
    const abort = new AbortController();
    this.#abort = abort;
    const buffer = this.#screen.createBuffer();
    const names = containers.map(containerName).join(", ");
    const of = containers.length === 1 ? ({ resource: "containers", id: only!.Id } as const) : undefined;
    this.#screen.open(`logs of ${names}`, buffer, { running: true, abort, ...(of && { of }) });
    this.#life = only?.StartedAt;
    if (of) void this.#openOne(only!, buffer, abort.signal);
    else void this.#openSeveral(containers, buffer, abort.signal);
  }

  async #openSeveral(containers: readonly ContainerSummary[], buffer: LineBuffer, signal: AbortSignal): Promise<void> {
    const files = await Promise.all(containers.map(({ Id }) => this.#fileOf(Id).catch(() => undefined)));
    const sources = files.filter((file) => file !== undefined);
    if (signal.aborted || sources.length < containers.length) for (const source of sources) source[Symbol.dispose]();
    if (signal.aborted) return;
    if (sources.length < containers.length) await this.#merge(containers, buffer, signal);
    else this.#showSeveral(containers, sources, signal);
  }

  #showSeveral(containers: readonly ContainerSummary[], sources: (LogSource & { path: string })[], signal: AbortSignal): void {
    const names = namesFrom(containers);
    const merged = new MergedSource(sources.map((source, at) => ({ source, from: names[at]! })));
    const lives = containers.map(({ StartedAt }, at) => ({ began: StartedAt, known: sources[at]!.end }));
    this.#screen.update(signal, () => ({ buffer: merged, base: merged, running: containers.some(isRunning) }));
    this.#watch(
      merged,
      sources.map(({ path }) => path),
      signal,
    );
    const follow = () => {
      const all = this.#store.get().lists.containers.rows as readonly ContainerSummary[];
      const rows = containers.map(({ Id }) => all.find((each) => each.Id === Id));
      for (const [at, row] of rows.entries()) {
        const life = lives[at]!;
        if (row?.StartedAt !== undefined && row.StartedAt !== life.began) announce(sources[at]!, row, life.known);
        Object.assign(life, { began: row?.StartedAt ?? life.began, known: sources[at]!.end });
      }
      const running = rows.some((row) => row !== undefined && isRunning(row));
      if (this.#store.get().pager?.running !== running) this.#screen.update(signal, () => ({ running }));
    };
    signal.addEventListener("abort", this.#store.subscribe(follow));
  }

  async #openOne(container: ContainerSummary, buffer: LineBuffer, signal: AbortSignal): Promise<void> {
    const source = await this.#fileOf(container.Id).catch(() => undefined); // whoever reads it says why it cannot be read
    if (signal.aborted) source?.[Symbol.dispose]();
    else if (source) this.#show(source, container, signal);
    else await this.#stream(container.Id, buffer, signal, { tail: logTail });
  }

  /** The log's files, when they are on this machine and of berth's own kind. */
  async #fileOf(id: string): Promise<(LogSource & { path: string }) | undefined> {
    const { LogPath: path } = await this.#engine.containers.inspect(id);
    if (!path || basename(path) !== fileName || !existsSync(path)) return undefined;
    const { LogPages } = await import("../../engine/container/logs/index.ts");
    return Object.assign(new LogSource(new LogPages(path)), { path });
  }

  #show(source: LogSource & { path: string }, container: ContainerSummary, signal: AbortSignal): void {
    this.#screen.update(signal, () => ({ buffer: source, base: source, running: isRunning(container) }));
    this.#known = source.end;
    this.#watch(source, [source.path], signal);
  }

  /** Shows what comes, until nobody looks any more. */
  #watch(source: TimedSource & Disposable, paths: readonly string[], signal: AbortSignal): void {
    let timer: NodeJS.Timeout | undefined;
    const look = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (source.refresh()) this.#screen.grown();
      }, frame);
    };
    const watchers = paths.map((path) => watch(dirname(path), look));
    for (const watcher of watchers) watcher.on("error", () => {}); // the container is gone: there is nothing more to come
    look(); // what came between
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      source[Symbol.dispose]();
    });
  }

  async #stream(id: string, buffer: LineBuffer, signal: AbortSignal, from: { tail: number } | { since: bigint }): Promise<void> {
    await readLog(this.#engine.containers.logs(id, { follow: true, signal, ...from }), buffer, signal);
    this.#screen.update(signal, () => ({ running: false }));
    const row = (this.#store.get().lists.containers.rows as readonly ContainerSummary[]).find(({ Id }) => Id === id);
    if (row && !signal.aborted && this.#isNewLife(row)) this.refresh(row); // it began while the last one was read
  }

  #isNewLife({ StartedAt }: ContainerSummary): boolean {
    return StartedAt !== undefined && StartedAt !== this.#life;
  }

  /** The list was read again. A log ends with its container, and goes on when that is started again, be it over by the time that is heard of. */
  refresh(row: ContainerSummary): void {
    const signal = this.#abort?.signal;
    const { pager } = this.#store.get();
    if (!signal || signal.aborted || !pager) return;
    const isNew = this.#isNewLife(row);
    const { base, running } = pager;
    if (base instanceof LogSource) {
      if (isNew) announce(base, row, this.#known);
      else {
        base.refresh();
        this.#known = base.end;
      }
      this.#screen.update(signal, () => ({ running: isRunning(row) }));
      this.#screen.grown();
    } else if (base instanceof LineBuffer && !running && (isRunning(row) || isNew)) {
      this.#screen.update(signal, () => ({ running: true }));
      const since = endOf(base);
      if (isNew && parseInstant(row.StartedAt!, "since") > since) base.text(startedAgain(row));
      void this.#stream(row.Id, base, signal, { since });
    }
    if (isNew) this.#life = row.StartedAt;
  }

  /** Several logs as one: what there is in the order of its times, then what comes as it comes. */
  async #merge(containers: readonly ContainerSummary[], buffer: LineBuffer, signal: AbortSignal): Promise<void> {
    const tail = Math.ceil(logTail / containers.length);
    const names = namesFrom(containers);
    const named = containers.map((container, at) => ({ ...container, from: names[at]! }));
    const past = await Promise.all(
      named.map(async ({ Id, from }) => {
        const lines = new LineBuffer();
        await readLog(this.#engine.containers.logs(Id, { tail, signal }), lines, signal);
        return { from, lines };
      }),
    );
    const all = past.flatMap(({ from, lines }) =>
      Array.from({ length: lines.end - lines.first }, (_, at) => ({ ...lines.line(lines.first + at)!, from })),
    );
    for (const line of all.sort((a, b) => compare(a.time, b.time))) buffer.push(line);
    let alive = 0;
    const count = (by: 1 | -1) => {
      alive += by;
      this.#screen.update(signal, () => ({ running: alive > 0 }));
    };
    for (const [at, container] of named.entries()) {
      const push = (line: Line) => buffer.push({ ...line, from: container.from });
      void this.#follow(container, { since: endOf(past[at]!.lines), push, count }, signal);
    }
  }

  /** One of several, life after life, until it is removed. */
  async #follow(
    container: ContainerSummary,
    { since, push, count }: { since: bigint; push(line: Line): void; count(by: 1 | -1): void },
    signal: AbortSignal,
  ): Promise<void> {
    let start = since;
    const read = (line: Line) => {
      if (line.time !== undefined) start = parseInstant(line.time, "since") + 1n;
      push(line);
    };
    for (let life: ContainerSummary | undefined = container; life; ) {
      count(1);
      await readLog(this.#engine.containers.logs(life.Id, { follow: true, signal, since: start }), { push: read }, signal);
      count(-1);
      life = await this.#nextLife(life, signal);
      if (life) push({ text: startedAgain(life) });
    }
  }

  /** Resolves with the row of a container that was started again; without one when it is gone, or nobody looks any more. */
  #nextLife({ Id, StartedAt }: ContainerSummary, signal: AbortSignal): Promise<ContainerSummary | undefined> {
    return new Promise((resolve) => {
      const end = (row?: ContainerSummary) => {
        leave();
        signal.removeEventListener("abort", stop);
        resolve(row);
      };
      const stop = () => end();
      const look = () => {
        const row = (this.#store.get().lists.containers.rows as readonly ContainerSummary[]).find((each) => each.Id === Id);
        if (!row || signal.aborted) end();
        else if (row.StartedAt !== undefined && row.StartedAt !== StartedAt) end(row);
      };
      const leave = this.#store.subscribe(look);
      signal.addEventListener("abort", stop);
      look();
    });
  }

  /** Ends what is read for the screen. */
  close(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }
}

const startedAgain = (row: ContainerSummary) => `— ${containerName(row)} was started again —`;

/** It is said to have started a moment after its first words; what was there before it was heard of is not its own. */
function announce(source: LogSource, row: ContainerSummary, known: number): void {
  source.announce(new Date(Date.parse(row.StartedAt!) - 1000).toISOString(), known, startedAgain(row));
}

function namesFrom(containers: readonly ContainerSummary[]): NonNullable<Line["from"]>[] {
  const width = Math.max(...containers.map((container) => containerName(container).length));
  return containers.map((container, colour) => ({ name: containerName(container).padEnd(width), colour }));
}

const compare = (a = "", b = "") => (a < b ? -1 : a > b ? 1 : 0);

/** Nanoseconds since the epoch right behind a log's last line. */
function endOf(buffer: LineBuffer): bigint {
  for (let at = buffer.end - 1; at >= buffer.first; at--) {
    const time = buffer.line(at)?.time;
    if (time !== undefined) return parseInstant(time, "since") + 1n;
  }
  return 0n;
}
