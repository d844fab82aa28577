/** YAML that is read by a form, of which each part says what it takes. What is wrong is shown where it stands. */
import type { Node } from "yaml";
import { parseLongDuration } from "../../../duration.ts";
import { type Fail, type Pair, parseLocated } from "../../../located-yaml.ts";
import { nearest } from "../../../suggest.ts";

/** @param name of the setting, for messages */
export type Read<T> = (node: Node, name: string, fail: Fail) => T;

/**
 * @param file for messages
 * @throws EngineError `invalid` with its place
 */
export async function readLocated<T>(text: string, file: string, read: Read<T>): Promise<T> {
  const { contents, fail } = await parseLocated(text, file, "docs/registry.md shows such a file");
  return read(contents as Node, "", fail);
}

/** A mapping of these settings and no others. @param needed those that must be there */
export function mapping<T extends object>(
  members: { [K in keyof T]-?: Read<NonNullable<T[K]>> },
  needed: readonly (keyof T & string)[],
): Read<T> {
  const known = Object.keys(members);
  return (node, _, fail) => {
    const pairs = (node as { items?: Pair[] } | null)?.items;
    if (!pairs?.every(({ key }) => key !== undefined))
      return fail(node, `this is a mapping of ${known.map((name) => `"${name}"`).join(", ")}`);
    const given = new Map<string, unknown>();
    for (const { key, value } of pairs) {
      const name = String(key.value);
      if (!known.includes(name)) fail(key, `there is no setting "${name}"`, nearest(name, known));
      if (!value) fail(key, `"${name}" is empty`);
      given.set(name, members[name as keyof T](value!, name, fail));
    }
    const missing = needed.find((name) => !given.has(name));
    if (missing) fail(node, `"${missing}" is missing`);
    return Object.fromEntries(given) as T;
  };
}

export function list<T>(read: Read<T>): Read<T[]> {
  return (node, name, fail) => {
    if (!isList(node)) return fail(node, `"${name}" is a list`);
    return node.items.map((item) => read(item, name, fail));
  };
}

function isList(node: Node): node is Node & { items: Node[] } {
  const { items } = node as { items?: { key?: unknown }[] };
  return items?.every(({ key }) => key === undefined) ?? false;
}

/** One of them, or a list of them. */
export function some<T>(read: Read<T>): Read<T[]> {
  return (node, name, fail) => (isList(node) ? node.items : [node]).map((item) => read(item, name, fail));
}

const scalarOf = (node: Node) => (node as { value?: unknown }).value;

export const word: Read<string> = (node, name, fail) => {
  const value = scalarOf(node);
  return typeof value === "string" && value !== "" ? value : fail(node, `"${name}" is a word, or a list of words`);
};

/** One of a few. @param what is done with them, for messages */
export function choice<T extends string>(choices: readonly T[], what: string): Read<T> {
  return (node, name, fail) => {
    const value = word(node, name, fail);
    const found = choices.find((each) => each === value);
    return found ?? fail(node, `there is nothing "${value}" to ${what}`, nearest(value, choices));
  };
}

/** A scalar that another form reads; numbers are as if they were in quotes. @param form for messages */
export function parsed<T>(parse: (text: string) => T | undefined, form: string): Read<T> {
  return (node, name, fail) => {
    const value = scalarOf(node);
    const isScalar = typeof value === "string" || typeof value === "number";
    const result = isScalar ? parse(String(value)) : undefined;
    return result ?? fail(node, `"${name}" is ${form}`);
  };
}

/** Names of any kind, each with a word. */
export const words: Read<Record<string, string>> = (node, name, fail) => {
  const pairs = (node as { items?: Pair[] }).items;
  if (!pairs?.every(({ key }) => key !== undefined)) return fail(node, `"${name}" is a mapping of names to words`);
  return Object.fromEntries(pairs.map(({ key, value }) => [String(key.value), word(value ?? key, String(key.value), fail)]));
};

/** Milliseconds. */
export const duration = parsed((text) => {
  const exact = parseLongDuration(text);
  return exact === undefined || exact < 0n ? undefined : Number(exact / 1_000_000n);
}, "a time, such as 36h, 30d or 2w");

export const count = parsed((text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined), "a whole number");

const powers = "bkmgtp";

/** Bytes, in powers of 1024 as the flags have them. */
export const bytes = parsed((text) => {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([bkmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  return number === "" ? undefined : Math.trunc(Number(number) * 1024 ** Math.max(0, powers.indexOf(unit.toLowerCase() || "b")));
}, "a size, such as 512M or 10GB");
