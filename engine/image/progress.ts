/** Work that reports by callbacks as a generator: `yield*` passes its reports on and gives its result. */
import { toEngineError } from "../errors.ts";
import type { ProgressEvent, TransferEvent } from "../events.ts";

/** Runs `work`; yields what it reports while it runs; returns what it returns. Leaving early aborts it and waits. Throws EngineError only. */
export async function* reporting<T>(
  work: (report: (event: ProgressEvent) => void, signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): AsyncGenerator<ProgressEvent, T> {
  const queue: ProgressEvent[] = [];
  let wake: (() => void) | undefined;
  const abort = new AbortController();
  const stop = () => abort.abort(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  let over = false;
  const running = work((event) => {
    queue.push(event);
    wake?.();
  }, abort.signal)
    .catch((error: unknown) => {
      throw toEngineError(error);
    })
    .finally(() => {
      over = true;
      wake?.();
    });
  running.catch(() => {}); // reported below
  try {
    for (;;) {
      const event = queue.shift();
      if (event) yield event;
      else if (over) return await running;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    if (!over) {
      abort.abort();
      await running.catch(() => {});
    }
  }
}

/** Lets a layer's progress through a few times a second: thousands of chunks are not thousands of lines. */
export class Meter {
  #report: (event: ProgressEvent) => void;
  #last = 0;
  #current = 0;
  readonly id: string;
  readonly total: number | undefined;

  constructor(report: (event: ProgressEvent) => void, id: string, total?: number) {
    this.#report = report;
    this.id = id;
    this.total = total;
  }

  add(bytes: number, status: string): void {
    this.#current += bytes;
    const now = Date.now();
    if (now - this.#last < 100) return;
    this.#last = now;
    this.state(status);
  }

  state(status: string, done = false): void {
    if (done && this.total !== undefined) this.#current = this.total;
    const event: TransferEvent = { type: "transfer", id: this.id, status, current: this.#current };
    this.#report({ ...event, ...(this.total !== undefined && { total: this.total }), ...(done && { done }) });
  }
}
