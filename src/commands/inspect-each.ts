/** What every `inspect` does with several names: those that exist are shown, then a missing one fails the command. */

import { type EngineError, toEngineError } from "../../engine/errors.ts";
import type { RowEvent } from "../../engine/events.ts";
import type { GoType } from "../format/template/go-types.ts";
import type { FlagSpec, Input, Presentation } from "./command.ts";
import { combine } from "./container/each.ts";
import { textOf } from "./flag-values.ts";

export const formatFlag: FlagSpec = { name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" };

/**
 * Looks all names up. When some are missing, the found ones are a row of their own, since the command itself fails.
 * @throws the first failure, after the found ones were shown
 */
export async function* inspectEach<T>(names: readonly string[], find: (name: string) => Promise<T>): AsyncGenerator<RowEvent, T[]> {
  const found: T[] = [];
  const failures: EngineError[] = [];
  for (const outcome of await Promise.allSettled(names.map(find))) {
    if (outcome.status === "fulfilled") found.push(outcome.value);
    else failures.push(toEngineError(outcome.reason));
  }
  if (failures.length === 0) return found;
  yield { type: "row", value: found };
  throw combine(failures);
}

/** Which structure something inspected is, by a member that only it has. */
const kinds: Record<string, GoType> = { HostConfig: "Container", RootFS: "Image", IPAM: "Network", Mountpoint: "Volume" };

const shape = (value: unknown): GoType | undefined => kinds[Object.keys(kinds).find((member) => member in (value as object))!];

/** A list in JSON is one value. */
const presentation = (values: unknown[], input: Input): Presentation => {
  const format = textOf(input, "format");
  return { kind: "json", values: format === "json" ? [values] : values, format, shape };
};

/** For specs that inspect: an array of what was found, or `--format` for each. */
export const asInspected = { present: presentation, presentRow: presentation };
