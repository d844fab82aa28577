/**
 * Ending a layer worker. `Worker.terminate()` would take it in the middle of a native call as well, whose return into a
 * thread that may no longer run JavaScript aborts the whole process ("FATAL ERROR: Error::ThrowAsJavaScriptException").
 * So the worker is asked, in memory that both threads share, and ends itself between two calls.
 */
import { EngineError } from "../../errors.ts";

/** Two words: whether the worker is to halt, and whether it has made its last native call. */
export type Halt = Int32Array<SharedArrayBuffer>;

const asked = 0;
const over = 1;
/** Milliseconds; between two looks of a worker there is one piece of an archive, or one file's system calls. */
const patience = 2_000;

export function newHalt(): Halt {
  return new Int32Array(new SharedArrayBuffer(8));
}

export function askToHalt(halt: Halt): void {
  Atomics.store(halt, asked, 1);
}

/** @throws EngineError `cancelled` */
export function throwIfHalted(halt: Halt): void {
  if (Atomics.load(halt, asked)) throw new EngineError("cancelled", "cancelled");
}

export function reportOver(halt: Halt): void {
  Atomics.store(halt, over, 1);
  Atomics.notify(halt, over);
}

/** Blocks this thread until the worker is over, for the end of the process, which terminates every worker. */
export function waitUntilOver(halt: Halt): void {
  Atomics.wait(halt, over, 0, patience);
}
