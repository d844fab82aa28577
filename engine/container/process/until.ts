/** Waiting for a condition that some process brings about: woken by events, exit files and ends of processes, no polling. */
import { watch } from "node:fs";
import { makeNotify } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { watchExit } from "../../sys/pidfd.ts";

export interface UntilOptions {
  /** The end of this process is worth a look too. */
  pid?: number;
  signal?: AbortSignal;
  /** Milliseconds. */
  timeout?: number;
}

/**
 * Looks until `look` gives something.
 * @returns undefined when the signal aborted or the time is over, or when the process ended and a last look gave nothing
 */
export async function until<T>(ground: Ground, look: () => T | undefined, options: UntilOptions = {}): Promise<T | undefined> {
  const first = look();
  if (first !== undefined) return first;
  void ground.db; // makes the run directory
  const files = makeNotify(ground.paths.notify) ? [ground.paths.notify, ground.paths.exits] : [ground.paths.exits];
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  const over = new AbortController();
  const check = () => {
    try {
      const found = look();
      if (found !== undefined) resolve(found);
    } catch (error) {
      reject(error as Error);
    }
  };
  const watchers = files.map((path) => watch(path, check));
  const stop = () => resolve(undefined);
  options.signal?.addEventListener("abort", stop, { once: true });
  const timer = options.timeout === undefined ? undefined : setTimeout(stop, options.timeout);
  if (options.pid) {
    void watchExit(options.pid, over.signal).then(() => {
      check();
      stop();
    });
  }
  check(); // it may have come before the watchers were there
  if (options.signal?.aborted) stop();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", stop);
    for (const watcher of watchers) watcher.close();
    over.abort();
  }
}
