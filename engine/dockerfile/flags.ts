/** Builder flags (`--name=value` between keyword and arguments): checked against an instruction's list and typed. */

import { nearestName } from "../suggest.ts";
import type { Statement } from "./statement.ts";
import type { Word } from "./words.ts";

export interface FlagSpec {
  name: string;
  /** text: once, with a value; list: may repeat; switch: `--x`, `--x=true`, `--x=false`. */
  type: "text" | "list" | "switch";
  /** What stands for the value in the documentation. */
  value?: string;
  summary: string;
}

/** The flags that a statement gives. */
export interface Flags {
  text(name: string): string | undefined;
  list(name: string): string[];
  switch(name: string): boolean | undefined;
  /** The flag's words in the source, for locating errors about values. */
  words(name: string): Word[];
}

/** @throws EngineError for unknown and repeated flags and for missing or unsuitable values */
export function parseFlags(statement: Statement, specs: readonly FlagSpec[]): Flags {
  const given = new Map<string, { value: string; word: Word }[]>();
  for (const word of statement.flags) {
    const equals = word.text.indexOf("=");
    const name = equals === -1 ? word.text.slice(2) : word.text.slice(2, equals);
    const spec = specs.find((each) => each.name === name) ?? unknownFlag(statement, word, name, specs);
    const before = given.get(name);
    if (before && spec.type !== "list") statement.fail(`duplicate flag specified: --${name}`, word);
    const value = equals === -1 ? undefined : word.text.slice(equals + 1);
    const entry = { value: checkValue(statement, spec, value, word), word };
    if (before) before.push(entry);
    else given.set(name, [entry]);
  }
  const first = (name: string) => given.get(name)?.[0]?.value;
  return {
    text: first,
    list: (name) => given.get(name)?.map(({ value }) => value) ?? [],
    switch: (name) => (given.has(name) ? first(name) === "true" : undefined),
    words: (name) => given.get(name)?.map(({ word }) => word) ?? [],
  };
}

function unknownFlag(statement: Statement, word: Word, name: string, specs: readonly FlagSpec[]): never {
  const near = nearestName(
    name,
    specs.map((spec) => spec.name),
  );
  const keyword = statement.keyword.text.toUpperCase();
  const known = specs.map((spec) => `--${spec.name}`).join(", ");
  const hint = specs.length > 0 ? `${keyword} knows ${known}` : `${keyword} takes no flags`;
  return statement.fail(`unknown flag: --${name}`, word, { suggestion: near && `--${near}${word.text.slice(name.length + 2)}`, hint });
}

function checkValue(statement: Statement, spec: FlagSpec, value: string | undefined, word: Word): string {
  if (spec.type !== "switch")
    return (
      value ?? statement.fail(`missing a value on flag: --${spec.name}`, word, { hint: `write --${spec.name}=${spec.value ?? "VALUE"}` })
    );
  if (value === undefined) return "true";
  if (value === "") statement.fail(`missing a value on flag: --${spec.name}`, word);
  const lower = value.toLowerCase();
  if (lower === "true" || lower === "false") return lower;
  return statement.fail(`expecting boolean value for flag --${spec.name}, not: ${value}`, word);
}
