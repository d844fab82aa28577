/**
 * Shapes of bodies, by which a request is checked and the documentation written. As Go's decoder, on which docker's clients rely: null is
 * nothing, members that are not known are passed over, names of members may differ in case.
 */
import { EngineError } from "../errors.ts";
import { isMap } from "../json.ts";

export interface Shape<T = unknown> {
  /** For the documentation: "string", "list of string". */
  readonly kind: string;
  /** Of an object, for the documentation. */
  readonly members?: Members;
  /** @param where "HostConfig.Memory". @throws EngineError `invalid` */
  read(value: unknown, where: string): T | undefined;
}

/** What a shape reads. */
export type ReadOf<S> = S extends Shape<infer T> ? T : never;
export type Members = Record<string, Shape>;
export type Body<M extends Members> = { [Name in keyof M]?: M[Name] extends Shape<infer T> ? T : never };

/** A leaf: `fits` says whether a value that is there is one. */
function leaf<T>(kind: string, fits: (value: unknown) => boolean): Shape<T> {
  return {
    kind,
    read(value, where) {
      if (value === undefined || value === null) return undefined;
      if (!fits(value)) throw mismatch(value, where, kind);
      return value as T;
    },
  };
}

function mismatch(value: unknown, where: string, kind: string): EngineError {
  const found = Array.isArray(value) ? "list" : typeof value;
  return new EngineError("invalid", `cannot read ${where || "the request's body"}: it is a ${found}, where ${kind} is wanted`);
}

export const string = leaf<string>("string", (value) => typeof value === "string");
export const boolean = leaf<boolean>("boolean", (value) => typeof value === "boolean");
export const number = leaf<number>("integer", (value) => Number.isSafeInteger(value));
export const unsigned = leaf<number>("unsigned integer", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
/** Whatever JSON there is. */
export const anything = leaf<unknown>("any", () => true);

export function list<T>(of: Shape<T>): Shape<T[]> {
  const kind = `list of ${of.kind}`;
  return {
    kind,
    ...(of.members && { members: of.members }),
    read(value, where) {
      if (value === undefined || value === null) return undefined;
      if (!Array.isArray(value)) throw mismatch(value, where, kind);
      return value.map((each, at) => of.read(each, `${where}[${at}]`)).filter((each) => each !== undefined);
    },
  };
}

/** A command: a list of words, or one word. */
export const words: Shape<string[]> = {
  kind: "string or list of string",
  read: (value, where) => (typeof value === "string" ? [value] : list(string).read(value, where)),
};

export function map<T>(of: Shape<T>): Shape<Record<string, T>> {
  const kind = `map of ${of.kind}`;
  return {
    kind,
    ...(of.members && { members: of.members }),
    read(value, where) {
      if (value === undefined || value === null) return undefined;
      if (!isMap(value)) throw mismatch(value, where, kind);
      const entries = Object.entries(value).map(([name, each]) => [name, of.read(each, `${where}[${JSON.stringify(name)}]`)] as const);
      return Object.fromEntries(entries.filter(([, each]) => each !== undefined)) as Record<string, T>;
    },
  };
}

/** A set, as Go writes it: names to {}. */
export const set = map(leaf<object>("{}", isMap));

export function object<M extends Members>(members: M): Shape<Body<M>> {
  const byCase = new Map(Object.keys(members).map((name) => [name.toLowerCase(), name]));
  return {
    kind: "object",
    members,
    read(value, where) {
      if (value === undefined || value === null) return undefined;
      if (!isMap(value)) throw mismatch(value, where, "object");
      const read: Record<string, unknown> = {};
      for (const [key, each] of Object.entries(value)) {
        const name = byCase.get(key.toLowerCase());
        const found = name === undefined ? undefined : members[name]!.read(each, where ? `${where}.${name}` : name);
        if (found !== undefined) read[name!] = found;
      }
      return read as Body<M>;
    },
  };
}
