/** Signals, timers and terminals are heard between statements that wait for nothing, too: Ctrl-C ends every loop, and every long file. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Frame } from "./frame.ts";

/** Milliseconds: a turn for each statement would take as long as most statements do. */
const interval = 5;

let last = 0;

/** A while has passed since others had their turn. */
export const isBreathDue = (): boolean => performance.now() - last > interval;

/** @throws AbortError when the script was cancelled */
export async function breathe({ signal }: Frame): Promise<void> {
  await nextTurn();
  last = performance.now();
  signal.throwIfAborted();
}
