/** Steps that run at the same time report into one stream of events: what a build's generator yields. */

export interface Channel<T> {
  push(value: T): void;
  /** Resolves when the reader is not far behind: for what has no end of its own, and would fill the memory. */
  room(): Promise<void>;
  /** What was pushed so far and since, until `close`. */
  drain(): AsyncGenerator<T, void>;
  close(): void;
}

/** How far the reader may be behind whoever asks. */
const far = 1000;

/** An unbounded queue between one reader and any number of writers. A step's output waits here when the face is slow. */
export function createChannel<T>(): Channel<T> {
  let queue: T[] = [];
  let closed = false;
  let behind = 0;
  let waiting: (() => void)[] = [];
  let wake: (() => void) | undefined;
  const letGo = () => {
    for (const go of waiting) go();
    waiting = [];
  };
  return {
    push(value) {
      queue.push(value);
      behind++;
      wake?.();
    },
    async room() {
      if (behind >= far && !closed) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    close() {
      closed = true;
      letGo();
      wake?.();
    },
    async *drain() {
      try {
        for (;;) {
          const ready = queue;
          queue = [];
          for (const value of ready) {
            yield value;
            behind--;
          }
          letGo();
          if (queue.length > 0) continue;
          if (closed) return;
          await new Promise<void>((resolve) => (wake = resolve));
          wake = undefined;
        }
      } finally {
        closed = true; // the reader went away: nobody is to wait for it
        letGo();
      }
    },
  };
}
