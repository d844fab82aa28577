/**
 * Judging the form of JSON that comes from outside: a registry, an archive, a layout. A shape is a check of one value; it
 * says nothing about what may be absent, and null is the same as absent, as it is for docker. Pure.
 */
import type { EngineError } from "../../errors.ts";

/** Says in which place something else stands than should: `"config.Env" is not a list`; undefined when all is well. */
export type Shape = (value: unknown, place: string) => string | undefined;

/** Makes the error out of what is wrong. */
export type Refuse = (why: string, cause?: unknown) => EngineError;

const isAbsent = (value: unknown) => value === null || value === undefined;

function kind(name: string, is: (value: unknown) => boolean): Shape {
  return (value, place) => (isAbsent(value) || is(value) ? undefined : `${quoted(place)} is not ${name}`);
}

export const text: Shape = kind("a string", (value) => typeof value === "string");
/** What a system call is to get: such a string ends at its first NUL, so none may be in it. */
export const word: Shape = (value, place) =>
  text(value, place) ?? (typeof value === "string" && value.includes("\0") ? `${quoted(place)} has a NUL character in it` : undefined);
export const truth: Shape = kind("true or false", (value) => typeof value === "boolean");
export const whole: Shape = kind("a whole number", (value) => Number.isSafeInteger(value));
export const bytes: Shape = kind("a number of bytes", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
/** The only algorithm that is in use. */
export const digest: Shape = kind("a sha256 digest", (value) => typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value));
const unlessAbsent =
  (shape: Shape): Shape =>
  (value, place) =>
    isAbsent(value) ? undefined : shape(value, place);
const list = kind("a list", Array.isArray);
const plain = kind("an object", (value) => typeof value === "object" && !Array.isArray(value));

export function required(shape: Shape): Shape {
  return (value, place) => (isAbsent(value) ? `${quoted(place)} is missing` : shape(value, place));
}

export function listOf(shape: Shape): Shape {
  const item = required(shape);
  return unlessAbsent((value, place) => list(value, place) ?? first((value as unknown[]).map((each, at) => item(each, `${place}[${at}]`))));
}

export function mapOf(shape: Shape): Shape {
  const members = (value: object, place: string) => Object.entries(value).map(([name, each]) => shape(each, join(place, name)));
  return unlessAbsent((value, place) => plain(value, place) ?? first(members(value as object, place)));
}

/** Members that are not named may be anything. */
export function object(members: Record<string, Shape>): Shape {
  const check = (value: Record<string, unknown>, place: string) =>
    Object.entries(members).map(([name, shape]) => shape(value[name], join(place, name)));
  return unlessAbsent((value, place) => plain(value, place) ?? first(check(value as Record<string, unknown>, place)));
}

const quoted = (place: string) => (place === "" ? "it" : `"${place}"`);
const join = (place: string, name: string) => (place === "" ? name : `${place}.${name}`);
const first = (found: (string | undefined)[]) => found.find((each) => each !== undefined);

/** Parses a document that must be of that shape. @throws what `refuse` makes */
export function parseShaped<T>(source: string, shape: Shape, refuse: Refuse): T {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw refuse("it is not JSON", cause);
  }
  const wrong = required(shape)(value, "");
  if (wrong) throw refuse(wrong);
  return value as T;
}
