/** Builds of clients that know no /grpc: they name them to call them off, and to give a context by a request of its own. */
import type { Readable } from "node:stream";
import { aborted } from "../../aborted.ts";
import { EngineError } from "../../errors.ts";

/** How long a build and its context wait for each other. ms */
const patience = 5000;

interface Job {
  abort: AbortController;
  body: PromiseWithResolvers<Readable>;
  /** Resolves when nobody reads the body any more. */
  over: PromiseWithResolvers<void>;
  isRunning: boolean;
}

const newJob = (): Job => ({
  abort: new AbortController(),
  body: Promise.withResolvers(),
  over: Promise.withResolvers(),
  isRunning: false,
});

export class Jobs {
  readonly #jobs = new Map<string, Job>();

  #of(id: string): Job {
    const job = this.#jobs.get(id) ?? newJob();
    job.body.promise.catch(() => {});
    this.#jobs.set(id, job);
    return job;
  }

  /** Runs a build under its name, with a signal that `cancel` aborts. */
  async run<T>(id: string, signal: AbortSignal, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const job = this.#of(id);
    job.isRunning = true;
    try {
      return await body(AbortSignal.any([signal, job.abort.signal]));
    } finally {
      job.over.resolve();
      this.#jobs.delete(id);
    }
  }

  /** The context that another request gives. @throws EngineError `timeout` */
  upload(id: string): Promise<Readable> {
    return within(this.#of(id).body.promise, "the build's context did not come");
  }

  /** Gives a build its context; resolves when the build has no more use of it, or the signal says that there is none any more. */
  async give(id: string, body: Readable, signal: AbortSignal): Promise<void> {
    const job = this.#of(id);
    job.body.resolve(body);
    await Promise.race([job.over.promise, aborted(signal)]);
    if (!job.isRunning && this.#jobs.get(id) === job) this.#jobs.delete(id);
  }

  cancel(id: string): void {
    this.#jobs.get(id)?.abort.abort();
  }
}

async function within<T>(promise: Promise<T>, why: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new EngineError("timeout", why)), patience);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
