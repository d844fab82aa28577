/** The end of a container's log in the detail pane, kept current while the container runs. */
import type { ContainerSummary, Engine } from "../engine/index.ts";
import { LineBuffer } from "./logs/line-buffer.ts";
import { readLog } from "./logs/read.ts";
import { isRunning } from "./resources/containers.ts";
import type { AppState } from "./state.ts";
import type { Store } from "./store.ts";

/** Milliseconds between two drawings: a log may pour. */
const frame = 50;
/** Lines that are read of it. */
const tail = 100;

export class DetailLog {
  #engine: Engine;
  #store: Store<AppState>;
  #following: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(engine: Engine, store: Store<AppState>) {
    this.#engine = engine;
    this.#store = store;
  }

  /** @param known its log shows already */
  follow(id: string, row: ContainerSummary, known: boolean): void {
    const follow = isRunning(row);
    if (known && !follow === !this.#following) return;
    this.#following?.abort();
    const abort = new AbortController();
    this.#following = follow ? abort : undefined;
    const log = new LineBuffer(() => this.#redraw(id));
    const { detail } = this.#store.get();
    if (detail?.id === id) this.#store.set({ detail: { ...detail, log } });
    void readLog(this.#engine.containers.logs(id, { tail, follow, signal: abort.signal }), log, abort.signal);
  }

  #redraw(id: string): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const { detail, revision } = this.#store.get();
      if (detail?.id === id) this.#store.set({ revision: revision + 1 });
    }, frame);
  }

  /** Nothing is read for details that are not on the screen. */
  leave(): void {
    this.#following?.abort();
    this.#following = undefined;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.leave();
  }
}
