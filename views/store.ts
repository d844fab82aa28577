/** One immutable state, replaced as a whole: React redraws when it changes, and only then. */
import { useSyncExternalStore } from "react";

/** Frames a second, at most. */
export const framesPerSecond = 60;

export interface Store<State> {
  get(): State;
  /** Replaces the given members; nothing happens when each is what it was. */
  set(patch: Partial<State>): void;
  /** Replaces members at once, but lets the change that follows draw them: alone they are drawn a frame later. */
  prepare(patch: Partial<State>): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial;
  let soon: NodeJS.Timeout | undefined;
  const listeners = new Set<() => void>();
  const tell = () => {
    clearTimeout(soon);
    soon = undefined;
    for (const listener of listeners) listener();
  };
  return {
    get: () => state,
    set(patch) {
      const keys = Object.keys(patch) as (keyof State)[];
      if (keys.every((key) => Object.is(state[key], patch[key]))) return;
      state = { ...state, ...patch };
      tell();
    },
    prepare(patch) {
      state = { ...state, ...patch };
      soon ??= setTimeout(tell, Math.ceil(1000 / framesPerSecond));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The current state inside a component. */
export function useStore<State extends object>(store: Store<State>): State {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** Resolves when what the store holds now is on the screen: the frame of an earlier change may come first. */
export function drawn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 2 * Math.ceil(1000 / framesPerSecond)));
}
