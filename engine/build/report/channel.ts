/** Steps that run at the same time report into one stream of events: what a build's generator yields. */

export interface Channel<T> {
  push(value: T): void;
  /** What was pushed so far and since, until `close`. */
  drain(): AsyncGenerator<T, void>;
  close(): void;
}

/** An unbounded queue between one reader and any number of writers. A step's output waits here when the face is slow. */
export function createChannel<T>(): Channel<T> {
  let queue: T[] = [];
  let closed = false;
  let wake: (() => void) | undefined;
  return {
    push(value) {
      queue.push(value);
      wake?.();
    },
    close() {
      closed = true;
      wake?.();
    },
    async *drain() {
      for (;;) {
        const ready = queue;
        queue = [];
        yield* ready;
        if (queue.length > 0) continue;
        if (closed) return;
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
    },
  };
}
