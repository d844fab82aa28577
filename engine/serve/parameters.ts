/** Parameters of a query: how docker's API writes them, and what is no value of theirs. What a route declares here is checked and documented. */
import type { Filters } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { isMap } from "../json.ts";
import { parseTruth } from "../truth.ts";

export interface Parameter<T = unknown> {
  /** For the documentation: "boolean", "integer". */
  readonly kind: string;
  readonly help: string;
  /** @param texts every value given, none or more. @throws EngineError `invalid` */
  read(texts: string[], name: string): T;
}

export type Parameters = Record<string, Parameter>;
export type Values<P extends Parameters> = { [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never };

const invalid = (message: string) => new EngineError("invalid", message);

/** Docker's: anything is true that is not one of these. */
const falsehoods = ["", "0", "no", "false", "none"];

export function flag(help: string, preset = false): Parameter<boolean> {
  return {
    kind: preset ? "boolean, default true" : "boolean",
    help,
    read: ([text]) => (text === undefined ? preset : !falsehoods.includes(text.trim().toLowerCase())),
  };
}

export function text(help: string): Parameter<string | undefined> {
  return { kind: "string", help, read: ([value]) => value || undefined };
}

export function required(help: string, name: string): Parameter<string> {
  return {
    kind: "string, required",
    help,
    read([value]) {
      if (value) return value;
      throw invalid(`bad parameter: ${name} is missing`);
    },
  };
}

/** A platform as an object of JSON, or in words. @throws EngineError `invalid` */
export function platformIn(value: string, name: string): string {
  if (!value.startsWith("{")) return value;
  const found = parseJson(value, `"${name}"`) as Partial<Record<"os" | "architecture" | "variant", unknown>>;
  const parts = [found.os, found.architecture, found.variant].filter((part) => part !== undefined && part !== "");
  if (parts.length < 2 || parts.some((part) => typeof part !== "string")) throw invalid(`invalid platform in "${name}": "${value}"`);
  return parts.join("/");
}

/** May be given several times. */
export function texts(help: string): Parameter<string[]> {
  return { kind: "string, repeatable", help, read: (values) => values.filter(Boolean) };
}

export function integer(help: string): Parameter<number | undefined> {
  return { kind: "integer", help, read: ([value], name) => (value ? toInteger(value, name) : undefined) };
}

/** A side of a terminal: "height" or "width". */
export function side(help: string, what: string): Parameter<number> {
  return {
    kind: "integer, required",
    help,
    read([value = ""]) {
      if (/^\d{1,5}$/.test(value)) return Number(value);
      throw invalid(`invalid resize ${what} ${JSON.stringify(value)}: ${/^-?\d+$/.test(value) ? "value out of range" : "invalid syntax"}`);
    },
  };
}

function toInteger(value: string, name: string): number {
  if (/^[+-]?\d{1,15}$/.test(value)) return Number(value);
  throw invalid(`invalid value for ${JSON.stringify(name)}: ${JSON.stringify(value)} is not an integer`);
}

/** "SECONDS[.NANOSECONDS]" since the epoch, in nanoseconds. */
export function time(help: string): Parameter<bigint | undefined> {
  return { kind: "UNIX time", help, read: ([value], name) => (value ? toNanoseconds(value, name) : undefined) };
}

function toNanoseconds(value: string, name: string): bigint {
  const [, seconds, fraction = ""] = /^(\d{1,15})(?:\.(\d{1,9})\d*)?$/.exec(value) ?? [];
  if (seconds !== undefined) return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  const date = Date.parse(value);
  if (Number.isNaN(date)) throw invalid(`invalid value for ${JSON.stringify(name)}: ${JSON.stringify(value)} is no time`);
  return BigInt(date) * 1_000_000n;
}

/** JSON of lists, or of maps to true as the oldest clients write them. */
export function filters(help: string): Parameter<Filters> {
  return { kind: "JSON, a list of values by name", help, read: ([value]) => (value ? toFilters(value) : {}) };
}

function toFilters(value: string): Filters {
  const given = readMap(value);
  if (given === undefined) throw invalid("invalid filter");
  return Object.fromEntries(Object.entries(given).map(([name, values]) => [name, toValues(name, values)]));
}

/** A filter that is true or false. @throws EngineError `invalid` */
export function truthOf(filters: Filters, name: string): boolean | undefined {
  const values = filters[name] ?? [];
  const truths = new Set(values.map(parseTruth));
  if (truths.size > 1 || truths.has(undefined)) throw invalid(`invalid filter '${name}=[${values.join(" ")}]'`);
  return [...truths][0];
}

function readMap(value: string): object | undefined {
  try {
    const given = (JSON.parse(value) ?? {}) as unknown;
    return isMap(given) ? given : undefined;
  } catch {
    return undefined;
  }
}

function toValues(name: string, values: unknown): string[] {
  if (Array.isArray(values) && values.every((each) => typeof each === "string")) return values;
  if (typeof values !== "object" || values === null || Array.isArray(values)) throw invalid(`invalid filter '${name}'`);
  return Object.entries(values).flatMap(([value, isSet]) => (isSet ? [value] : []));
}

export function json(help: string): Parameter<unknown> {
  return { kind: "JSON", help, read: ([value], name) => (value ? parseJson(value, name) : undefined) };
}

/** @param what a parameter; without, the request's body */
export function parseJson(value: string, what?: string): unknown {
  try {
    return JSON.parse(value);
  } catch (cause) {
    const why = jsonFailure(value, cause as Error);
    throw new EngineError("invalid", what === undefined ? why : `cannot read ${what}: ${why}`, { cause });
  }
}

/** Go's words, which tests of clients look for: by those of this program's parser. */
const goWords: readonly (readonly [RegExp, string])[] = [
  [/^Expected property name/, "looking for beginning of object key string"],
  [/^Expected double-quoted property name/, "looking for beginning of object key string"],
  [/^Expected ':' after/, "after object key"],
  [/^Expected ',' or '}'/, "after object key:value pair"],
  [/^Expected ',' or ']'/, "after array element"],
  [/^Unexpected token/, "looking for beginning of value"],
];

function jsonFailure(value: string, { message }: Error): string {
  if (/^Unexpected non-whitespace character after JSON/.test(message)) return "unexpected content after JSON";
  const words = goWords.find(([pattern]) => pattern.test(message))?.[1];
  const at = /at position (\d+)/.exec(message)?.[1];
  const character = at === undefined ? /^Unexpected token '(.)'/su.exec(message)?.[1] : value[Number(at)];
  if (words !== undefined && character !== undefined) return `invalid JSON: invalid character '${character}' ${words}`;
  return `invalid JSON: ${/^Unexpected end/.test(message) ? "unexpected EOF" : message}`;
}

/** @throws EngineError `invalid` */
export function readParameters<P extends Parameters>(parameters: P, query: URLSearchParams): Values<P> {
  const values = Object.entries(parameters).map(([name, parameter]) => [name, parameter.read(query.getAll(name), name)]);
  return Object.fromEntries(values) as Values<P>;
}
