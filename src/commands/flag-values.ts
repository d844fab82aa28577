/** Typed access to the values of parsed flags, so that commands need no casts. Pure. */

import { EngineError } from "../../engine/errors.ts";
import type { Filters } from "../../engine/index.ts";
import type { Input } from "./command.ts";

/** A text flag; undefined when absent. */
export function textOf(input: Input, name: string): string | undefined {
  const value = input.flags[name];
  return typeof value === "string" ? value : undefined;
}

/** A number, bytes or duration flag. */
export function numberOf(input: Input, name: string): number | undefined {
  const value = input.flags[name];
  return typeof value === "number" ? value : undefined;
}

/** A boolean flag that is on. */
export function isSet(input: Input, name: string): boolean {
  return input.flags[name] === true;
}

/** A boolean flag that says yes or no; undefined when absent. */
export function choiceOf(input: Input, name: string): boolean | undefined {
  const value = input.flags[name];
  return typeof value === "boolean" ? value : undefined;
}

export function listOf(input: Input, name: string): string[] {
  const value = input.flags[name];
  return Array.isArray(value) ? value : [];
}

/** What stood before the verb, to be read as the verb's own. */
export function groupInput({ group = {} }: Input): Input {
  return { flags: group, args: [] };
}

/** `key=value` pairs; a key alone has the value "". Later ones win. */
export function pairsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map(splitPair));
}

/** `--label`. @throws EngineError `usage` for a label without a name */
export function labelsOf(input: Input): Record<string, string> {
  return pairsOf(listOf(input, "label").map(checkLabel));
}

export function checkLabel(word: string): string {
  if (word !== "" && !word.startsWith("=")) return word;
  throw new EngineError("usage", `invalid argument "${word}" for "--label" flag: invalid label '${word}': empty name`);
}

export function splitPair(word: string): [string, string] {
  const equals = word.indexOf("=");
  return equals < 0 ? [word, ""] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** `--filter key=value`, collected by key. @throws EngineError `usage` for a word without "=" */
export function filtersOf(input: Input, name = "filter"): Filters {
  const filters: Filters = {};
  for (const word of listOf(input, name)) {
    if (word === "") continue;
    const [key, value] = splitPair(word);
    if (!word.includes("=")) throw new EngineError("usage", `invalid filter "${word}": must be of the form key=value`);
    (filters[key.trim().toLowerCase()] ??= []).push(value.trim());
  }
  return filters;
}
