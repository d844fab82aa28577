/** The functions of templates: Go's own (text/template) and those docker adds (json, split, join, …). Pure. */
import { formatVerbs } from "./printf.ts";
import { compare, isMap, isNil, isTrue, kindOf, text } from "./values.ts";

/** A function fails by throwing this; the evaluator adds the place. */
export class CallError extends Error {}

export type TemplateFunction = (...args: unknown[]) => unknown;

function fail(message: string): never {
  throw new CallError(message);
}

function stringOf(value: unknown, name: string): string {
  return typeof value === "string" ? value : fail(`${name} wants a string, not ${kindOf(value)}`);
}

function listOf(value: unknown, name: string): unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : fail(`${name} wants a list, not ${kindOf(value)}`);
}

function numberOf(value: unknown, name: string): number {
  return typeof value === "number" ? value : fail(`${name} wants a number, not ${kindOf(value)}`);
}

/** index x 1 "a": members of maps and items of slices, one after the other. */
function index(value: unknown, ...keys: unknown[]): unknown {
  return keys.reduce(indexOnce, value);
}

function indexOnce(value: unknown, key: unknown): unknown {
  if (value === null || value === undefined) return fail("index of untyped nil");
  if (typeof value === "string" || Array.isArray(value)) {
    const at = numberOf(key, "index");
    if (!Number.isInteger(at) || at < 0 || at >= value.length) return fail(`index out of range: ${at}`);
    return typeof value === "string" ? value.charCodeAt(at) : value[at];
  }
  if (!isMap(value)) return fail(`can't index item of type ${kindOf(value)}`);
  const found = value[stringOf(key, "index")];
  // Go's zero value of a map of strings, such as labels, is ""; of other types that templates meet, nil.
  if (found !== undefined) return found;
  return Object.values(value).every((member) => typeof member === "string") ? "" : null;
}

function slice(value: unknown, from: unknown = 0, to?: unknown): unknown {
  if (typeof value !== "string" && !Array.isArray(value)) return fail(`can't slice item of type ${kindOf(value)}`);
  const start = numberOf(from, "slice");
  const end = to === undefined ? value.length : numberOf(to, "slice");
  if (start < 0 || end > value.length || start > end) return fail(`index out of range: ${start}:${end}`);
  return value.slice(start, end);
}

function length(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value === null || value === undefined) return fail("len of nil pointer");
  return isMap(value) ? Object.keys(value).length : fail(`len of type ${kindOf(value)}`);
}

function equal(first: unknown, ...others: unknown[]): boolean {
  if (others.length === 0) fail("missing argument for comparison");
  return others.some((other) => sameValue(first, other));
}

function sameValue(a: unknown, b: unknown): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (typeof a !== typeof b) fail(`incompatible types for comparison: ${kindOf(a)} and ${kindOf(b)}`);
  if (typeof a === "object") fail(`non-comparable type ${kindOf(a)}`);
  return a === b;
}

const ordered =
  (holds: (order: number) => boolean): TemplateFunction =>
  (a, b) => {
    const order = compare(a, b);
    return order === undefined ? fail(`incompatible types for comparison: ${kindOf(a)} and ${kindOf(b)}`) : holds(order);
  };

/** fmt.Sprint: blanks only between operands that are both no strings. */
function print(...args: unknown[]): string {
  return args
    .map((arg, at) => (at > 0 && typeof arg !== "string" && typeof args[at - 1] !== "string" ? ` ${text(arg)}` : text(arg)))
    .join("");
}

/** encoding/json escapes these in HTML's interest; docker's json function does not. */
function json(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function title(value: unknown): string {
  return stringOf(value, "title").replace(
    /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

const escapeHtml: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };

export const functions: Record<string, TemplateFunction> = {
  json,
  split: (value, separator) => stringOf(value, "split").split(stringOf(separator, "split")),
  join: (list, separator) => listOf(list, "join").map(text).join(stringOf(separator, "join")),
  title,
  lower: (value) => stringOf(value, "lower").toLowerCase(),
  upper: (value) => stringOf(value, "upper").toUpperCase(),
  pad: (value, before, after) => `${" ".repeat(numberOf(before, "pad"))}${stringOf(value, "pad")}${" ".repeat(numberOf(after, "pad"))}`,
  truncate: (value, most) => [...stringOf(value, "truncate")].slice(0, numberOf(most, "truncate")).join(""),
  and: (...args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1),
  or: (...args) => args.find((arg) => isTrue(arg)) ?? args.at(-1),
  not: (value) => !isTrue(value),
  len: length,
  index,
  slice,
  eq: equal,
  ne: (a, b) => !equal(a, b),
  lt: ordered((order) => order < 0),
  le: ordered((order) => order <= 0),
  gt: ordered((order) => order > 0),
  ge: ordered((order) => order >= 0),
  call: (value) => fail(`non-function of type ${kindOf(value)}`), // nothing that templates are given here is one
  print,
  println: (...args) => `${args.map(text).join(" ")}\n`,
  printf: (format, ...args) => formatVerbs(stringOf(format, "printf"), args),
  html: (...args) => print(...args).replace(/[&<>"']/g, (character) => escapeHtml[character]!),
  js: (...args) =>
    print(...args)
      .replace(/[\\'"]/g, "\\$&")
      .replace(/[<>&=\p{Cc}]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`),
  urlquery: (...args) => encodeURIComponent(print(...args)).replaceAll("%20", "+"),
};

/** How many arguments the functions with a fixed number take. */
export const arity: Record<string, readonly [number, number]> = {
  json: [1, 1],
  split: [2, 2],
  join: [2, 2],
  title: [1, 1],
  lower: [1, 1],
  upper: [1, 1],
  pad: [3, 3],
  truncate: [2, 2],
  not: [1, 1],
  len: [1, 1],
  index: [1, 99],
  slice: [1, 3],
  eq: [1, 99],
  ne: [2, 2],
  lt: [2, 2],
  le: [2, 2],
  gt: [2, 2],
  ge: [2, 2],
  and: [1, 99],
  or: [1, 99],
  printf: [1, 99],
};
