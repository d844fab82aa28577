/**
 * What running containers use, once a second, for the columns of the containers list: only while they are on the screen.
 * Nothing is read in another tab, a pager, a terminal, on a narrow screen, or when nothing runs.
 */
import type { ContainerSummary, Engine } from "../engine/index.ts";
import { layoutOf } from "./layout.ts";
import type { AppState } from "./state.ts";
import type { Store } from "./store.ts";

export interface Usage {
  /** Percent of one CPU: two busy CPUs are 200. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

/** In a list narrower than this the columns have no room. */
const narrowest = 78;

/** Are the columns in sight, with something in them? */
export function showsUsage(state: AppState): boolean {
  if (state.resource !== "containers" || state.view !== "list" || state.help || layoutOf(state).listWidth < narrowest) return false;
  return (state.lists.containers.rows as ContainerSummary[]).some((row) => row.State === "running");
}

export class UsageMeter {
  #engine: Engine;
  #store: Store<AppState>;
  #reading: AbortController | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(engine: Engine, store: Store<AppState>) {
    this.#engine = engine;
    this.#store = store;
  }

  start(): void {
    this.#unsubscribe = this.#store.subscribe(() => this.#follow());
  }

  #follow(): void {
    const wanted = showsUsage(this.#store.get());
    if (wanted === Boolean(this.#reading)) return;
    this.#reading?.abort();
    this.#reading = wanted ? new AbortController() : undefined;
    if (this.#reading) void this.#read(this.#reading.signal);
    else this.#store.set({ usage: new Map() });
  }

  /** A container that goes while it is read ends the stream; the next change of the list begins another. */
  async #read(signal: AbortSignal): Promise<void> {
    try {
      for await (const samples of this.#engine.containers.stats([], { stream: true, signal })) {
        if (signal.aborted) return;
        this.#store.set({ usage: new Map(samples.map(({ ID, cpu, memory }) => [ID, { cpu: cpu.percent, memory: memory.usage }])) });
      }
    } catch {
      // The columns stay empty: what is wrong with the engine, its list and its commands say.
    }
    if (!signal.aborted) this.#reading = undefined;
  }

  dispose(): void {
    this.#unsubscribe?.();
    this.#reading?.abort();
  }
}

/** "0.4%", "37%". */
export function cpuText({ cpu }: Usage): string {
  return `${cpu < 9.95 ? cpu.toFixed(1) : Math.round(cpu)}%`;
}

/** "812K", "4.2M", "1.3G": powers of 1024, as docker stats. */
export function memoryText({ memory }: Usage): string {
  let value = memory / 1024;
  for (const unit of ["K", "M", "G"]) {
    if (value < 999.5) return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)}T`;
}
