/** Who waits in this process for the next start of a container: told before its process runs, or that the start failed. */
import type { Ground } from "../../state/ground.ts";
import type { ContainerRecord } from "../record/index.ts";

export interface StartListener {
  /** The process is made, and does not run yet: nothing it writes can be missed. */
  begin(created: ContainerRecord): void;
  fail(error: unknown): void;
}

class AwaitedStarts {
  #listeners = new Map<string, Set<StartListener>>();

  /** Each is told once. @returns the unsubscriber */
  add(id: string, listener: StartListener): () => void {
    const those = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, those.add(listener));
    return () => {
      those.delete(listener);
      if (those.size === 0 && this.#listeners.get(id) === those) this.#listeners.delete(id);
    };
  }

  begin(created: ContainerRecord): void {
    this.#tell(created.id, (listener) => listener.begin(created));
  }

  fail(id: string, error: unknown): void {
    this.#tell(id, (listener) => listener.fail(error));
  }

  #tell(id: string, tell: (listener: StartListener) => void): void {
    const those = this.#listeners.get(id) ?? [];
    this.#listeners.delete(id);
    for (const listener of those) tell(listener);
  }
}

const known = new WeakMap<Ground, AwaitedStarts>();

export function awaitedStarts(ground: Ground): AwaitedStarts {
  let starts = known.get(ground);
  if (!starts) known.set(ground, (starts = new AwaitedStarts()));
  return starts;
}
