/**
 * JSON data as the Go values that docker's templates work on: structures with all their fields, where JSON leaves out those
 * that are empty; maps, which templates print otherwise; what is nil. A field goes by its Go name (`HostIP`,
 * `APIVersion`) as well as by its JSON name (`HostIp`, `ApiVersion`). Pure.
 */
import { goDuration } from "../../../engine/duration.ts";
import { goTime } from "../time.ts";
import { type GoType, goTypes } from "./go-types.ts";
import { isNil, keysOf, markMap, markNil, markStruct, Printed } from "./values.ts";

interface Field {
  name: string;
  /** Its name in JSON, in small letters. */
  member: string;
  /** See go-types.ts. */
  mark: string;
  embedded?: GoType;
}

const parsed = new Map<string, readonly Field[]>();

function fieldsOf(type: string): readonly Field[] {
  let fields = parsed.get(type);
  if (!fields) {
    fields = ((goTypes as Record<string, string>)[type] ?? "").split(/ +/).filter(Boolean).map(parseField);
    parsed.set(type, fields);
  }
  return fields;
}

function parseField(text: string): Field {
  const [, name = "", other, mark = ""] = /^(\w+)(?:\|([\w.]+))?(.*)$/.exec(text)!;
  return { name, member: (other ?? name).toLowerCase(), mark, ...(mark.startsWith("^") && { embedded: mark.slice(1) as GoType }) };
}

const hide = (value: object, name: string, content: unknown) => Object.defineProperty(value, name, { value: content, configurable: true });

function nil<T extends object>(value: T): T {
  return hide(markNil(value), "toJSON", () => null) as T;
}

/** Go's name of what a template was given, where docker does not look a second time by the names of the JSON. */
const typeNames = new WeakMap<object, string>();

const namedTypes: Partial<Record<GoType, string>> = {
  Event: "*events.Message",
  Info: "system.dockerInfo",
  Versions: "system.versionInfo",
};

export function typeNameOf(value: object): string | undefined {
  return typeNames.get(value);
}

/** The fields of a list's row, which `json` writes by name. */
export function rowOf(fields: Record<string, unknown>): Record<string, unknown> {
  const sorted = Object.fromEntries(keysOf(fields).map((name) => [name, fields[name]]));
  hide(fields, "toJSON", () => sorted);
  markStruct(fields);
  typeNames.set(fields, "*formatter.Context");
  return fields;
}

const noTime = "0001-01-01T00:00:00Z";

/** @param type of docker's structure; without one, lists, maps and basic values as they are */
export function asGo(value: unknown, type?: GoType): unknown {
  if (type === undefined) return untyped(value);
  const struct = asStruct(value ?? {}, type);
  const name = namedTypes[type];
  if (name) typeNames.set(struct, name);
  return struct;
}

function convert(value: unknown, mark: string): unknown {
  if (mark.startsWith("[]")) return asList(value, mark.slice(2));
  if (mark.startsWith("{}")) return asMap(value, mark.slice(2));
  if (mark.startsWith("*")) return isNil(value) ? null : convert(value, mark.slice(1));
  if (mark.startsWith("=")) return asStruct(value ?? {}, mark.slice(1));
  if (mark === "#") return value ?? 0;
  if (mark === "?") return value ?? false;
  if (mark === "~") return new Printed(value ?? 0, goDuration(Number(value ?? 0)));
  if (mark === "@") return new Printed(value ?? noTime, goTime(String(value ?? noTime)));
  if (mark === "!") return untyped(value);
  return value ?? "";
}

function untyped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untyped);
  if (typeof value !== "object" || value === null) return value;
  if (Object.keys(value).length === 0) return asStruct(value, "Empty"); // struct{}, the value of sets
  return asMap(value, "!");
}

function asList(value: unknown, of: string): unknown[] {
  return Array.isArray(value) ? value.map((item) => convert(item, of)) : nil([]);
}

function asMap(value: unknown, of: string): object {
  const mark = of === "!" ? <T>(map: T) => map : markMap;
  if (isNil(value)) return mark(nil({}));
  const members = value as Record<string, unknown>;
  return mark(
    Object.fromEntries(
      Object.keys(members)
        .sort()
        .map((key) => [key, convert(members[key], of)]),
    ),
  );
}

/** `json` writes it as it was. */
function asStruct(value: object, type: string): object {
  const members = new Map(Object.entries(value).map(([key, member]) => [key.toLowerCase(), { key, member }]));
  const copy: Record<string, unknown> = {};
  for (const name of fill(copy, members, type)) members.delete(name);
  for (const { key, member } of members.values()) copy[key] = untyped(member); // not docker's, but there
  return hide(copy, "toJSON", () => value);
}

/** @returns the members that have a field */
function fill(copy: Record<string, unknown>, members: ReadonlyMap<string, { member: unknown }>, type: string): string[] {
  const printed: unknown[] = [];
  const filled = fieldsOf(type).flatMap(({ name, member, mark, embedded }) => {
    if (!embedded) {
      printed.push((copy[name] = convert(members.get(member)?.member, mark)));
      return [member];
    }
    const inner: Record<string, unknown> = {};
    const within = fill(inner, members, embedded);
    Object.assign(copy, inner);
    hide(copy, name, inner); // it can be named, too
    printed.push(inner);
    return within;
  });
  markStruct(copy, printed);
  return filled;
}

/** The value of a struct's field under its other name: the only one that differs in the case of its letters alone. */
export function fieldByOtherCase(value: Record<string, unknown>, name: string): unknown {
  const same = Object.keys(value).filter((key) => key.toLowerCase() === name.toLowerCase());
  return same.length === 1 ? value[same[0]!] : undefined;
}
