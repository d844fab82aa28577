/**
 * What a host answers, checked and completed by an example: a member that is missing, or null, is the example's; one of another type is no
 * answer; further members stay as they are. So nothing behind this has to doubt what a host says of itself. Pure.
 */
import { isMap } from "../../json.ts";

/** A map of any names to values like the example. */
export class MapOf<T> {
  readonly example: T;

  constructor(example: T) {
    this.example = example;
  }
}

type Completed<T> =
  T extends MapOf<infer V>
    ? Record<string, Completed<V>>
    : T extends readonly (infer V)[]
      ? Completed<V>[]
      : T extends object
        ? { [K in keyof T]: Completed<T[K]> }
        : T;

function mismatch(value: unknown, where: string): never {
  const found = Array.isArray(value) ? "a list" : `a ${typeof value}`;
  throw Object.assign(new Error(`${where} is ${found}`), { code: "EBADJSON" });
}

/**
 * @param where "containers[0].Names"
 * @throws an error with the code EBADJSON
 */
export function complete<T>(example: T, value: unknown, where: string): Completed<T> {
  if (value === undefined || value === null) return emptyOf(example) as Completed<T>;
  if (example instanceof MapOf) return completeMap(example.example, value, where) as Completed<T>;
  if (Array.isArray(example)) return completeList(example, value, where) as Completed<T>;
  if (isMap(example)) return completeObject(example, value, where) as Completed<T>;
  return (typeof value === typeof example ? value : mismatch(value, where)) as Completed<T>;
}

/** An example's own elements say of what kind they are, not that there are any. */
function emptyOf(example: unknown): unknown {
  if (example instanceof MapOf) return {};
  if (Array.isArray(example)) return [];
  if (!isMap(example)) return example;
  return Object.fromEntries(Object.entries(example).map(([name, each]) => [name, emptyOf(each)]));
}

function completeList(example: readonly unknown[], value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) return mismatch(value, where);
  return example.length === 0 ? value : value.map((each, at) => complete(example[0], each, `${where}[${at}]`));
}

function completeMap(example: unknown, value: unknown, where: string): Record<string, unknown> {
  if (!isMap(value)) return mismatch(value, where);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, complete(example, each, `${where}.${name}`)]));
}

function completeObject(example: Record<string, unknown>, value: unknown, where: string): Record<string, unknown> {
  if (!isMap(value)) return mismatch(value, where);
  const members = Object.entries(example).map(([name, each]) => [name, complete(each, value[name], `${where}.${name}`)]);
  return { ...value, ...Object.fromEntries(members) };
}

/** JSON of a host. @throws an error with the code EBADJSON */
export function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new Error(`${what} is no JSON: ${(cause as Error).message}`), { code: "EBADJSON", cause });
  }
}
