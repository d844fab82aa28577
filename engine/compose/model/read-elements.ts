/**
 * How elements are read: every kind of value that a shape names, from what a tree holds to what a project holds, and what counts as
 * nothing. Pure.
 */
import { goDuration, parseLongDuration } from "../../duration.ts";
import { isTree, type Tree, tree, wrongAt } from "../source/places.ts";
import { shellWords } from "../values/shell-words.ts";
import { parseSize } from "../values/size.ts";
import type { Collection, Kind, Scalar, Shape } from "./kinds.ts";

/** A value that a kind cannot be read from; the walk knows where it stands. */
class Misread {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Reads a tree of long forms by its shape. @throws EngineError `compose`, located */
export function readShape(root: Tree, shape: Shape): Tree {
  return new Reading(root).object(root, shape);
}

class Reading {
  readonly #root: Tree;
  readonly #path: string[] = [];

  constructor(root: Tree) {
    this.#root = root;
  }

  object(value: Tree, shape: Shape): Tree {
    const made = tree();
    for (const name in shape) {
      if (!(name in value)) continue;
      const read = this.#under(name, value[name], shape[name]!);
      if (read !== undefined) made[name] = read;
    }
    for (const name of Object.keys(value).sort()) if (name.startsWith("x-") && !(name in made)) made[name] = value[name];
    return made;
  }

  #under(name: string, value: unknown, kind: Kind): unknown {
    this.#path.push(name);
    const read = this.#read(value, kind);
    this.#path.pop();
    return read;
  }

  #read(value: unknown, kind: Kind): unknown {
    if (value === null || value === undefined)
      return typeof kind === "object" && "kept" in kind && typeof kind.kept === "object" ? tree() : undefined;
    if (typeof kind === "string") return dropEmpty(this.#simple(value, kind));
    if ("kept" in kind) return typeof kind.kept === "string" ? this.#simple(value, kind.kept) : (this.#read(value, kind.kept) ?? tree());
    if ("command" in kind) return this.#guarded(() => command(value));
    if ("list" in kind) return this.#list(value, kind.list);
    if (!isTree(value)) throw this.#wrong("must be a mapping");
    if ("map" in kind) return this.#map(value, kind.map);
    const read = this.object(value, kind.object());
    return kind.always ? dropEmpty(read) : read;
  }

  #simple(value: unknown, kind: Scalar | Collection): unknown {
    return this.#guarded(() => readers[kind](value));
  }

  #guarded<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      throw error instanceof Misread ? this.#wrong(error.text) : error;
    }
  }

  #wrong(text: string): Error {
    return wrongAt(this.#root, this.#path, text);
  }

  #list(value: unknown, kind: Kind): unknown {
    if (!Array.isArray(value)) throw this.#wrong("must be a list");
    const items = value.map((item, index) => (kind === "string" ? this.#item(item, index) : this.#under(String(index), item, kind)));
    return dropEmpty(items.filter((item) => item !== undefined));
  }

  /** An empty text is an item like others. */
  #item(item: unknown, index: number): string {
    if (typeof item === "string" || typeof item === "number") return String(item);
    this.#path.push(String(index));
    throw this.#wrong("must be a string");
  }

  #map(value: Tree, kind: Kind): Tree | undefined {
    const made = tree();
    for (const name of Object.keys(value).sort()) made[name] = this.#under(name, value[name], kind) ?? null;
    return dropEmpty(made);
  }
}

/** undefined for what a Go structure with `omitempty` leaves out. */
function dropEmpty<Value>(value: Value): Value | undefined {
  if (value === false || value === 0 || value === "" || value === "0s") return undefined;
  if (Array.isArray(value)) return value.length > 0 ? value : undefined;
  return isTree(value) && Object.keys(value).length === 0 ? undefined : value;
}

const readers: Record<Scalar | Collection, (value: unknown) => unknown> = {
  string: textOf,
  boolean: truthOf,
  integer: (value) => Math.trunc(numberOf(value, /^[+-]?\d+$/, "an integer")),
  float: (value) => singlePrecision(numberOf(value, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, "a number")),
  bytes: (value) => bytesOf(value),
  duration: durationOf,
  mode: modeOf,
  count: (value) => (String(value).toLowerCase() === "all" ? -1 : numberOf(value, /^\d+$/, 'a number or "all"')),
  ulimit: ulimitOf,
  texts: (value) => [value].flat().map(textOf),
  mapping: (value) => mappingOf(value),
  labels: (value) => mappingOf(value),
  options: (value) => mappingOf(value),
  lists: listsOf,
  environment: environmentOf,
  hosts: hostsOf,
  ssh: (value) => (isTree(value) ? Object.keys(value).sort() : []).map((id) => sshKey(id, (value as Tree)[id])),
  test: (value) => (typeof value === "string" ? ["CMD-SHELL", value] : [value].flat().map(textOf)),
  envFiles: (value) => [value].flat().map((file) => envFileOf(file as Tree)),
};

function textOf(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new Misread("must be a string");
}

function truthOf(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const word = String(value).toLowerCase();
  if (["true", "y", "yes", "on"].includes(word)) return true;
  if (["false", "n", "no", "off"].includes(word)) return false;
  throw new Misread(`"${value}" is not a boolean`);
}

function numberOf(value: unknown, pattern: RegExp, wanted: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "string" && pattern.test(value)) return Number(value);
  throw new Misread(`${JSON.stringify(value)} is not ${wanted}`);
}

/** As docker compose keeps fractions: in 32 bits, in as few digits as tell it from others. */
function singlePrecision(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return Number(value.toPrecision(9));
}

function bytesOf(value: unknown): string | undefined {
  const size = typeof value === "number" ? Math.trunc(value) : parseSize(String(value));
  if (size === undefined) throw new Misread(`"${value}" is no size such as "64m" or "1.5gb"`);
  return size === 0 ? undefined : String(size);
}

function durationOf(value: unknown): string {
  const nanoseconds = parseLongDuration(String(value));
  if (nanoseconds === undefined) throw new Misread(`"${value}" is no duration such as "30s" or "1m30s"`);
  return goDuration(nanoseconds);
}

function modeOf(value: unknown): string {
  if (Number.isInteger(value)) return `0${(value as number).toString(8)}`;
  if (typeof value === "string" && /^(0o)?[0-7]+$/.test(value)) return `0${Number.parseInt(value.replace("0o", ""), 8).toString(8)}`;
  throw new Misread(`"${value}" is no mode such as "0440"`);
}

function ulimitOf(value: unknown): unknown {
  if (Number.isInteger(value)) return value === 0 ? tree() : value;
  if (!isTree(value)) throw new Misread("must be an integer, or have soft and hard");
  const limits = ["soft", "hard"].filter((name) => name in value);
  return tree(limits.map((name) => [name, wholeNumberOf(value[name])] as const).filter(([, limit]) => limit !== 0));
}

function wholeNumberOf(value: unknown): number {
  const number = numberOf(value, /^-?\d+$/, "an integer");
  if (Number.isInteger(number)) return number;
  throw new Misread(`${number} is not an integer`);
}

function command(value: unknown): string[] {
  if (typeof value !== "string") return [value].flat().map(textOf);
  const words = shellWords(value);
  if (!words) throw new Misread(`cannot take apart ${JSON.stringify(value)}: a quote or a bracket is not closed`);
  return words;
}

/** Names and values of a mapping or of a list of NAME=VALUE, sorted. */
function pairsOf(value: unknown): [name: string, value: unknown][] {
  const pairs = Array.isArray(value) ? value.map(pairOf) : isTree(value) ? Object.entries(value) : undefined;
  if (!pairs) throw new Misread("must be a mapping or a list");
  return [...new Map(pairs as [string, unknown][])].sort(([one], [other]) => (one < other ? -1 : 1));
}

function pairOf(each: unknown): [string, unknown] {
  const text = printed(each);
  const equals = text.indexOf("=");
  return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
}

function mappingOf(value: unknown): Tree {
  return tree(pairsOf(value).map(([name, each]) => [name, each === null ? "" : printed(each)] as const));
}

function environmentOf(value: unknown): Tree {
  return tree(
    pairsOf(value).map(([name, each]) => {
      if (Array.isArray(value) && /\s$/.test(name)) throw new Misread(`the name of the variable "${name}" ends with a space`);
      return [name, each === null ? null : printed(each)] as const;
    }),
  );
}

/** A scalar's text, numbers as Go writes them. */
export function printed(value: unknown): string {
  if (typeof value !== "number") return String(value);
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return String(value).replace(/^(-?)Infinity$/, (_, sign: string) => `${sign || "+"}Inf`);
  return String(value);
}

function listsOf(value: unknown): Tree {
  return tree(pairsOf(value).map(([name, each]) => [name, [each].flat().map(printed)] as const));
}

/** "HOST=ADDRESS", sorted; brackets of an address go. */
function hostsOf(value: unknown): string[] {
  const lines = Array.isArray(value)
    ? value.map(hostLine)
    : Object.entries(value as Tree).map(([host, each]) => [host, each ?? ""] as const);
  return lines
    .flatMap(([host, addresses]) => [addresses].flat().map((address) => [host, String(address)] as const))
    .map(([host, address]) => {
      if (host === "" || /[:=]/.test(host)) throw new Misread(`bad host name "${host}"`);
      return `${host}=${address.replace(/^\[(.+)\]$/, "$1")}`;
    })
    .sort();
}

function hostLine(each: unknown): readonly [string, string[]] {
  const text = String(each);
  const at = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
  if (at < 0) throw new Misread(`the host "${text}" has no address`);
  return [text.slice(0, at), text.slice(at + 1).split(",")];
}

function sshKey(id: string, path: unknown): string {
  return path === null ? id : `${id}=${path}`;
}

function envFileOf(file: Tree): unknown {
  const { format, path, required } = file;
  if (required !== false && format === undefined) return textOf(path);
  return tree([
    ["path", textOf(path)] as const,
    ["required", required !== false] as const,
    ...(format ? [["format", textOf(format)] as const] : []),
  ]);
}
