/**
 * What keeps the screen true: the engine's event log (changes of every process, within milliseconds) and one clock for
 * the ages shown. Nothing is polled: no event and no age in sight, no work.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Engine, SystemEvent } from "../engine/index.ts";
import type { Lists } from "./lists.ts";
import { type AnyResource, type ResourceId, resource, resources, withFollowers } from "./resources/index.ts";
import type { AppState } from "./state.ts";
import type { Store } from "./store.ts";

/** Actions that change no list. */
const silent = /^(exec_|attach|detach|resize|top|export|copy|archive)/;

/** Milliseconds until some age in the list reads differently; ages above an hour are left to the next event or minute. */
function nextTick(started: readonly number[], now: number): number {
  const youngest = started.length > 0 ? now - Math.max(...started) : Number.POSITIVE_INFINITY;
  const unit = youngest < 60_000 ? 1000 : 60_000;
  return Math.max(50, unit - (Number.isFinite(youngest) ? youngest % unit : 0));
}

/** Milliseconds between two loads of what is watched. */
const breath = 100;
/** Milliseconds until events are listened for again. */
const again = 1000;

export class Live {
  #abort = new AbortController();
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #engine: Engine;
  #store: Store<AppState>;
  #lists: Lists;
  #onFailure: (error: unknown) => void;
  #onChange: (resource: ResourceId) => void;

  /** @param onChange told of each list that has been read again */
  constructor(
    engine: Engine,
    store: Store<AppState>,
    lists: Lists,
    onChange: (resource: ResourceId) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.#onChange = onChange;
    this.#engine = engine;
    this.#store = store;
    this.#lists = lists;
    this.#onFailure = onFailure;
  }

  /** Begins to listen and to read; resolves when each list was read once. */
  async start(): Promise<void> {
    const { signal } = this.#abort;
    void this.#listen();
    // Both load much of the engine, which the first list does without.
    await this.#lists.loadAll(() => {
      if (signal.aborted) return;
      void this.#learn();
      for (const view of resources) void this.#watch(view);
    });
    this.retime();
  }

  /** What is read while it is in front waits for what comes with it. */
  #hear({ Action, Type }: SystemEvent): void {
    if (resource(this.#store.get().resource).whileInFront) this.#soon ??= setTimeout(() => this.#readFront(), breath);
    if (silent.test(Action)) return;
    for (const view of resources) if (view.events.includes(Type)) void this.load(view.id);
  }

  #readFront(): void {
    this.#soon = undefined;
    const { id, whileInFront } = resource(this.#store.get().resource);
    if (whileInFront && !this.#isClosed) void this.load(id);
  }
  #soon: NodeJS.Timeout | undefined;

  /** What no event tells of; an engine that cannot tell has said so in its list. */
  async #watch({ id, watch }: AnyResource): Promise<void> {
    const { signal } = this.#abort;
    try {
      for await (const _ of watch?.(this.#engine, signal) ?? []) {
        await this.load(id);
        await pause(breath, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) this.#onFailure(error);
    }
  }

  /** What the host cannot do stays so. */
  async #learn(): Promise<void> {
    const { signal } = this.#abort;
    try {
      const { cannot } = await this.#engine.capabilities();
      if (Object.keys(cannot).length > 0 && !signal.aborted) this.#store.set({ cannot });
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** A host that goes away ends the stream: it may come back, and whatever happened meanwhile was not heard of. */
  async #listen(): Promise<void> {
    const { signal } = this.#abort;
    let hasFailed = false;
    while (!signal.aborted) {
      try {
        const onListening = () => {
          if (hasFailed) void this.#lists.loadAll();
          hasFailed = false;
        };
        for await (const event of this.#engine.events({ follow: true, signal, onListening })) {
          this.#hear(event);
        }
      } catch (error) {
        if (!signal.aborted && !hasFailed) this.#onFailure(error);
      }
      hasFailed = true;
      await pause(again, undefined, { signal }).catch(() => {}); // called off
    }
  }

  /** Another engine is behind the one that this has. */
  restart(): void {
    if (this.#isClosed) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#store.set({ cannot: {} });
    void this.start();
  }

  /** Reads a list again, and tells of it. */
  async load(id: ResourceId): Promise<void> {
    await this.#lists.load(id);
    for (const each of withFollowers(id)) this.#onChange(each);
    this.retime();
  }

  /** A younger row may need an earlier tick. */
  retime(): void {
    if (this.#abort.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#schedule();
  }

  #tick(): void {
    const { at } = this.#store.get();
    this.#store.set({ now: Date.now(), host: hostLoad(at) });
    if (this.#lists.row === undefined) this.#lists.scheduleDetail(); // what is said of a group's rows tells their age
    this.#schedule();
  }

  #schedule(): void {
    const state = this.#store.get();
    const view = resource(state.resource);
    const started = state.lists[state.resource].rows.map((row) => view.since?.(row)).filter((time) => time !== undefined);
    this.#timer = setTimeout(() => this.#tick(), nextTick(started, Date.now()));
  }

  dispose(): void {
    this.#isClosed = true;
    this.#abort.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#soon);
  }
}

/** "load 0.42  mem 37%" of this machine while it is in use: two reads of /proc. Of others nothing is known that is as current. */
export function hostLoad({ isHere }: AppState["at"]): string {
  if (!isHere) return "";
  const os = process.getBuiltinModule("node:os");
  const used = 1 - os.freemem() / os.totalmem();
  return `load ${os.loadavg()[0]!.toFixed(2)}  mem ${Math.round(used * 100)}%`;
}
