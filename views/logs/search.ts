/** Looking through lines of any number, with the keyboard alive meanwhile. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { withoutSequences } from "../ansi.ts";
import type { LineSource } from "./line-source.ts";

/** Milliseconds of work before keys and drawing get their turn. */
const slice = 8;

export const matcher = (pattern: RegExp) => (text: string) => pattern.test(withoutSequences(text));

/** Runs steps until they are over or the signal comes. @param step false when there is no more to do */
export async function inTurns(step: () => boolean, signal: AbortSignal): Promise<void> {
  for (let since = performance.now(); !signal.aborted && step(); ) {
    if (performance.now() - since < slice) continue;
    await nextTurn();
    since = performance.now();
  }
}

/**
 * The next line with a pattern in a direction, around the ends of what there is.
 * @param from looked at last; the line itself is not
 * @returns undefined when there is none, or when the signal came
 */
export async function findLine(
  source: LineSource,
  pattern: RegExp,
  from: number,
  step: 1 | -1,
  signal: AbortSignal,
): Promise<number | undefined> {
  const test = matcher(pattern);
  const onward = step > 0 ? source.next(from) : from;
  return (
    (await firstOf(source.scan(onward, step, test), signal)) ??
    (await firstOf(source.scan(step > 0 ? source.first : source.end, step, test), signal))
  );
}

async function firstOf(steps: Iterable<{ found: readonly number[] }>, signal: AbortSignal): Promise<number | undefined> {
  const iterator = steps[Symbol.iterator]();
  let found: number | undefined;
  await inTurns(() => {
    const { done, value } = iterator.next();
    found = done ? undefined : value.found[0];
    return !done && found === undefined;
  }, signal);
  return signal.aborted ? undefined : found;
}
