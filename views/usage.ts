/**
 * What running containers use, once a second or as often as the user wants (less often where there are many), for the columns of
 * the containers list: of those whose rows are on the screen, as each costs a handful of files. Nothing is read in another tab, a
 * pager, a terminal, on a narrow screen, or when nothing runs.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { ContainerSummary, Engine, StatsSample } from "../engine/index.ts";
import { isGroup } from "./groups.ts";
import { layoutOf } from "./layout.ts";
import { topFor } from "./selection.ts";
import type { AppState } from "./state.ts";
import { drawn, type Store } from "./store.ts";

export interface Usage {
  /** Percent of one CPU: two busy CPUs are 200. */
  cpu: number;
  /** When it was read: milliseconds since the epoch. */
  at: number;
  /** Bytes. */
  memory: number;
  /** Bytes it may use; 0 without a limit of its own. */
  limit: number;
  pids: number;
  /** Bytes, since it began. */
  blockRead: number;
  blockWrite: number;
  received: number;
  sent: number;
  /** The samples before, oldest first. */
  past: readonly Sample[];
}

export type Sample = Omit<Usage, "limit" | "past">;

/** A limit of all there is is none. */
const total = process.getBuiltinModule("node:os").totalmem();

/** Samples kept for the graphs. */
const kept = 60;

/** Seconds over which a CPU that is to be compared is taken: a moment's burst moves nothing. */
const recent = 5;

/** Percent of one CPU, of the last seconds. */
export function recentCpu({ cpu, past }: Usage): number {
  const values = [...past.slice(1 - recent).map((each) => each.cpu), cpu];
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Milliseconds that the rows in sight must stay the same before others are read. */
const settled = 150;

/** Of a larger group no sum is known: its rows are measured only where they are in sight. */
const mostOfGroup = 100;

/** Containers that are read as often as people want: twice as many half as often, as a UI left open is to cost next to nothing. */
const mostAtOnce = 40;
/** But no less often than every so many times. */
const slowest = 4;

/** Milliseconds: longer between two readings, each is of a moment of its own instead of all the time since the last. */
const longestStream = 10_000;

/** In a list narrower than this the columns have no room. */
const narrowest = 58;

/** The running containers whose columns or graphs are in sight. */
function inSight(state: AppState, isRanked: boolean): string[] {
  const { detailWidth, listWidth, listRows, tree } = layoutOf(state);
  const { pager } = state;
  if (state.view === "pager" && pager?.kind === "details" && pager.of?.resource === "containers" && !pager.gone) return [pager.of.id];
  const isShown = state.view === "list" || (state.view === "tree" && tree.x > 0);
  if (state.resource !== "containers" || !isShown || state.help || (listWidth < narrowest && detailWidth === 0)) return [];
  const list = state.lists.containers;
  if (isRanked) return (list.rows as ContainerSummary[]).filter(({ State }) => State === "running").map(({ Id }) => Id);
  const top = topFor(list.top, list.cursor, list.shown.length, listRows);
  const rows = list.shown
    .slice(top, top + listRows)
    .flatMap((row) => (isGroup(row) ? (row.rows.length <= mostOfGroup ? row.rows : []) : [row]));
  return ([...new Set(rows)] as ContainerSummary[]).filter(({ State }) => State === "running").map(({ Id }) => Id);
}

/** Who may order by what is measured. */
export interface Ranked {
  /** The list in front is in that order: those out of sight are measured, too. */
  readonly isRanked: boolean;
  /** There is more to order by. */
  rank(): void;
}

export class UsageMeter {
  #lists: Ranked;
  #engine: Engine;
  #store: Store<AppState>;
  #refresh: number;
  #reading: AbortController | undefined;
  /** Of whom is read. */
  #refs = "";
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  /** @param refresh milliseconds between two readings; 0: nothing is ever read */
  constructor(engine: Engine, store: Store<AppState>, refresh: number, lists: Ranked) {
    this.#lists = lists;
    this.#engine = engine;
    this.#store = store;
    this.#refresh = refresh;
  }

  start(): void {
    if (this.#refresh > 0) this.#unsubscribe = this.#store.subscribe(() => this.#follow());
  }

  #follow(): void {
    const refs = inSight(this.#store.get(), this.#lists.isRanked).sort().join(" ");
    if (refs === (this.#reading ? this.#refs : "")) return;
    const isFirst = this.#refs === "";
    this.#refs = refs;
    clearTimeout(this.#timer);
    if (refs === "") this.#stop();
    else if (isFirst) this.#begin();
    else this.#timer = setTimeout(() => this.#begin(), settled);
  }

  #stop(): void {
    this.#reading?.abort();
    this.#reading = undefined;
    this.#store.set({ usage: new Map() });
  }

  #begin(): void {
    this.#reading?.abort();
    this.#reading = new AbortController();
    void this.#read(this.#refs.split(" "), this.#reading.signal);
  }

  /** A container that goes while it is read ends the stream; the next change of the list begins another. */
  async #read(refs: string[], signal: AbortSignal): Promise<void> {
    await drawn(); // the rows without it first
    try {
      for await (const samples of this.#readings(refs, signal)) {
        if (signal.aborted) return;
        const before = this.#store.get().usage;
        const usages = samples.map((sample): [string, Usage] => {
          const last = before.get(sample.ID);
          return [sample.ID, usageOf(sample, last ? [...last.past.slice(1 - kept), last] : [])];
        });
        // Who has scrolled out of sight goes on where it was.
        this.#store.set({ usage: new Map([...before, ...usages]) });
        this.#lists.rank();
      }
    } catch {
      // The columns stay empty: what is wrong with the engine, its list and its commands say.
    }
    if (signal.aborted) return;
    this.#reading = undefined;
    this.#refs = "";
  }

  async *#readings(refs: string[], signal: AbortSignal): AsyncGenerator<StatsSample[]> {
    const every = this.#refresh * Math.min(slowest, Math.ceil(refs.length / mostAtOnce));
    const stream = every <= longestStream;
    do {
      yield* this.#engine.containers.stats(refs, { stream, every, signal });
      if (!stream) await pause(every, undefined, { signal });
    } while (!stream);
  }

  dispose(): void {
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
    this.#reading?.abort();
  }
}

function usageOf({ cpu, memory, pids, blkio, network }: StatsSample, past: readonly Sample[]): Usage {
  return {
    at: Date.now(),
    cpu: cpu.percent,
    memory: memory.usage,
    limit: memory.limit < total ? memory.limit : 0,
    pids: pids.current,
    blockRead: blkio.read,
    blockWrite: blkio.write,
    received: network.rx,
    sent: network.tx,
    past,
  };
}

const bars = "▁▂▃▄▅▆▇█";

/** The last values as a row of bars, the newest at the right; `top` is a full bar. Pure. */
export function sparkline(values: readonly number[], width: number, top: number): string {
  const shown = values.slice(-width);
  const bar = (value: number) => bars[Math.max(0, Math.min(bars.length - 1, Math.ceil((value / top) * bars.length) - 1))];
  return " ".repeat(width - shown.length) + shown.map(bar).join("");
}

/** The same over several rows, the uppermost first. */
export function tallBars(values: readonly number[], width: number, top: number, rows: number): string[] {
  const shares = values.slice(-width).map((value) => (value / top) * rows);
  return Array.from({ length: rows }, (_, row) => {
    const below = rows - 1 - row;
    const drawn = shares.map((share) => (below > 0 && share <= below ? " " : sparkline([share - below], 1, 1)));
    return " ".repeat(width - drawn.length) + drawn.join("");
  });
}

/** "0.4%", "37%". */
export function cpuText({ cpu }: Pick<Usage, "cpu">): string {
  return `${cpu < 9.95 ? cpu.toFixed(1) : Math.round(cpu)}%`;
}

/** "812K", "4.2M", "1.3G": powers of 1024, as docker stats. */
export function memoryText({ memory }: Pick<Usage, "memory">): string {
  let value = memory / 1024;
  for (const unit of ["K", "M", "G"]) {
    if (value < 999.5) return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)}T`;
}
