/**
 * How fast a server has to be. A limit on silence is not enough: a byte a second keeps a connection alive for ever, and with it
 * the caller that waits for the answer.
 */
import { EngineError } from "../errors.ts";

export interface Pace {
  /** Bytes per second, at least, in what is sent either way. */
  floor: number;
  /** Milliseconds of waiting over which that is measured. */
  window: number;
  /** Milliseconds that the head of an answer may take, and a document as a whole: redirects, head and body. */
  document: number;
}

/** A modem of 1995 is faster. */
export const usualPace: Pace = { floor: 1024, window: 30_000, document: 120_000 };

/** Counts what a server sends while it is waited for; what its reader does in between is not the server's time. */
export class Pacemaker {
  #pace: Pace;
  #bytes = 0;
  #waited = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /**
   * @param milliseconds how long these bytes were waited for
   * @throws an error with the code ETIMEDOUT once the server has been too slow for a whole window
   */
  count(bytes: number, milliseconds: number): void {
    this.#bytes += bytes;
    this.#waited += milliseconds;
    if (this.#waited < this.#pace.window) return;
    const rate = (this.#bytes * 1000) / this.#waited;
    if (rate < this.#pace.floor) throw tooSlow(rate);
    this.#bytes = this.#waited = 0;
  }
}

/** With a code of its own, which says why and that another try may help. */
export function tooSlow(rate: number): Error {
  return Object.assign(new Error(`the server is too slow: ${Math.round(rate)} bytes a second`), { code: "ESLOW" });
}

/**
 * Lets a document be fetched in the time that it may take altogether.
 * @param what for messages: `manifest of "python:3.9"`
 * @throws EngineError `registry` when it takes longer, and what the work throws
 */
export async function inTime<T>(
  { pace = usualPace, signal }: { pace?: Pace | undefined; signal?: AbortSignal | undefined },
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(pace.document);
  try {
    return await work(signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (cause) {
    if (!limit.aborted || signal?.aborted) throw cause;
    throw new EngineError("registry", `cannot fetch the ${what}: it took longer than ${Math.round(pace.document / 1000)} s`, {
      cause,
      hint: "try again; check the network connection, and HTTPS_PROXY if there is a proxy",
    });
  }
}
