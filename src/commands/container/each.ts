/** Doing one thing to several containers, as docker does: all are tried, successes are named, then failures fail the command. */

import { EngineError, toEngineError } from "../../../engine/errors.ts";
import type { RowEvent } from "../../../engine/events.ts";
import type { Input, Presentation } from "../command.ts";

/** Operations in flight at once: enough to wait for slow stops together, few enough not to storm the disk. */
const width = 16;

/**
 * Runs `action` for every name, several at a time, and yields each name (or what `action` returns) in the order given;
 * null names nothing.
 * @throws the first failure after all were tried, with the texts of the others
 */
export function forEach(names: readonly string[], action: Action<void>): AsyncGenerator<RowEvent, string[]>;
export function forEach(names: readonly string[], action: Action<undefined | null>): AsyncGenerator<RowEvent, string[]>;
export function forEach(names: readonly string[], action: Action<number>): AsyncGenerator<RowEvent, number[]>;
export async function* forEach(names: readonly string[], action: Action<unknown>): AsyncGenerator<RowEvent, unknown[]> {
  return yield* forEachOf(names, action, width);
}

/** The same, one after the other: what is started first may be what the next one needs (links, a network that is shared). */
export async function* forEachInOrder(names: readonly string[], action: Action<void>): AsyncGenerator<RowEvent, string[]> {
  return (yield* forEachOf(names, action, 1)) as string[];
}

type Action<T> = (name: string) => Promise<T>;

async function* forEachOf(names: readonly string[], action: Action<unknown>, atOnce: number): AsyncGenerator<RowEvent, unknown[]> {
  const results: unknown[] = [];
  const failures: EngineError[] = [];
  for (let from = 0; from < names.length; from += atOnce) {
    const batch = names.slice(from, from + atOnce);
    const running = batch.map((name) =>
      action(name).then(
        (value) => ({ value: value === undefined ? name : value }),
        (error: unknown) => ({ failure: toEngineError(error) }),
      ),
    );
    for (const each of running) {
      const outcome = await each;
      if ("failure" in outcome) failures.push(outcome.failure);
      else if (outcome.value !== null) {
        results.push(outcome.value);
        yield { type: "row", value: outcome.value };
      }
    }
    if (failures.some(({ code }) => code === "cancelled")) break;
  }
  if (failures.length > 0) throw combine(failures);
  return results;
}

/** One error out of several: the first, with all texts. */
export function combine(failures: EngineError[]): EngineError {
  const [first, ...others] = failures as [EngineError, ...EngineError[]];
  if (others.length === 0) return first;
  const message = failures.map((failure) => failure.message).join("\nberth: ");
  return new EngineError(first.code, message, {
    cause: first,
    hint: first.hint,
    exit: first.exit,
    details: { failures: failures.map(({ code, message: text }) => ({ code, message: text })) },
  });
}

/** For specs whose rows are the names: a line each, and nothing more at the end. */
export const namesAsRows = {
  present: (): Presentation => ({ kind: "none" }),
  presentRow: (value: unknown, _input: Input): Presentation => ({ kind: "lines", lines: [String(value)] }),
};
