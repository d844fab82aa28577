/** Waiting for changes of files: start watching, look at the state, then wait for the next change; none is missed after the start. */
import { watch } from "node:fs";
import { atTime } from "./deadline.ts";

export interface Wake extends Disposable {
  /** The signal aborted, or the time is up. */
  readonly over: boolean;
  /** Resolves on the first change since the arming or the last call; at once when it is over. */
  next(): Promise<void>;
  /** A change that no file tells of. */
  now(): void;
}

/** @param until seconds since the epoch */
export function wakeOn(
  paths: readonly string[],
  { signal, until }: { signal?: AbortSignal | undefined; until?: number | undefined } = {},
): Wake {
  let pending = false;
  let over = signal?.aborted ?? false;
  let wake: (() => void) | undefined;
  const change = () => {
    pending = true;
    wake?.();
  };
  const end = () => {
    over = true;
    change();
  };
  const watchers = paths.map((path) => watch(path, change));
  signal?.addEventListener("abort", end);
  const deadline = until === undefined ? undefined : atTime(until, end);
  return {
    get over() {
      return over;
    },
    async next() {
      if (!pending && !over) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
    },
    now: change,
    [Symbol.dispose]() {
      for (const watcher of watchers) watcher.close();
      deadline?.[Symbol.dispose]();
      signal?.removeEventListener("abort", end);
    },
  };
}
