/**
 * A project or a document in the order in which docker compose prints it, with what only the printed form has: elements that JSON shows
 * even when they are empty, names that differ between JSON and YAML. Pure.
 */
import type { Kind, Shape } from "../model/kinds.ts";
import { isTree, type Tree } from "../source/places.ts";
import { compareNaturally } from "./natural.ts";

export type Face = "json" | "yaml";

/** What a printer prints; mappings keep their order whatever their names are. */
export type Ordered = string | number | boolean | null | Ordered[] | Map<string, Ordered>;

const compare: Record<Face, (one: string, other: string) => number> = {
  json: (one, other) => (one < other ? -1 : one > other ? 1 : 0),
  yaml: compareNaturally,
};

/** Names sorted: what has no shape, extensions among it. */
export function sorted(value: unknown, face: Face): Ordered {
  if (Array.isArray(value)) return value.map((each) => sorted(each, face));
  if (!isTree(value)) return (value ?? null) as Ordered;
  const names = Object.keys(value).sort(compare[face]);
  return new Map(names.map((name) => [name, sorted(value[name], face)]));
}

/** An object by its shape. @param isTop the whole project, whose extensions JSON shows, too */
export function shaped(value: object, shape: Shape, face: Face, isTop = false): Map<string, Ordered> {
  const made = new Map<string, Ordered>();
  const from = value as Tree;
  for (const name of shownOf(from, shape, face))
    made.set(name, Object.hasOwn(from, name) ? ofKind(from[name], shape[name]!, face) : absent(shape[name]!, face));
  if (face === "yaml" || isTop)
    for (const name of Object.keys(from).sort(compare[face])) if (name.startsWith("x-")) made.set(name, sorted(from[name], face));
  return made;
}

/** The elements that are printed, in the shape's order: a service has ten of ninety. */
function shownOf(from: Tree, shape: Shape, face: Face): string[] {
  const { order, always } = outlineOf(shape);
  const there = Object.keys(from).filter((name) => order.has(name));
  const absent = face === "json" ? always.filter((name) => !Object.hasOwn(from, name)) : [];
  return [...there, ...absent].sort((one, other) => order.get(one)! - order.get(other)!);
}

interface Outline {
  order: ReadonlyMap<string, number>;
  /** What JSON shows even when it is not there. */
  always: readonly string[];
}

const outlines = new WeakMap<Shape, Outline>();

function outlineOf(shape: Shape): Outline {
  const known = outlines.get(shape);
  if (known) return known;
  const outline = {
    order: new Map(Object.keys(shape).map((name, at) => [name, at])),
    always: Object.keys(shape).filter((name) => isAlways(shape[name]!)),
  };
  outlines.set(shape, outline);
  return outline;
}

const isAlways = (kind: Kind): boolean => typeof kind === "object" && ("command" in kind || ("object" in kind && kind.always === true));

/** What is printed for an element that is not there. */
const absent = (kind: Kind, face: Face): Ordered => (typeof kind === "object" && "object" in kind ? shaped({}, kind.object(), face) : null);

function ofKind(value: unknown, kind: Kind, face: Face): Ordered {
  if (value === null) return null;
  if (typeof kind === "string") return ofName(value, kind, face);
  if ("kept" in kind) return ofKind(value, kind.kept, face);
  if ("list" in kind) return (value as unknown[]).map((each) => ofKind(each, kind.list, face));
  if ("object" in kind) return capitals(shaped(value as object, kind.object(), face), kind.capitals === true && face === "json");
  if (!("map" in kind)) return value as Ordered;
  const names = Object.keys(value as Tree).sort(compare[face]);
  return new Map(names.map((name) => [name, ofKind((value as Tree)[name], kind.map, face)]));
}

function ofName(value: unknown, kind: Kind & string, face: Face): Ordered {
  if (kind === "envFiles") return (value as (string | Tree)[]).map((file) => envFile(file, face));
  if (kind === "ssh" && face === "yaml") return (value as string[]).map((key) => key.replace("=", ": "));
  if (kind === "ulimit" && isTree(value)) return limits(value, face);
  return sorted(value, face);
}

/** YAML shows both. */
function limits(value: Tree, face: Face): Ordered {
  const names = ["soft", "hard"].filter((name) => face === "yaml" || name in value);
  return new Map(names.map((name) => [name, (value[name] ?? 0) as number]));
}

/** The path alone, where the file is required. */
function envFile(file: string | Tree, face: Face): Ordered {
  if (typeof file === "string") return file;
  const { format, path, required } = file;
  if (required) return path as string;
  const entries: [string, Ordered][] = [
    ["path", path as string],
    ["required", false],
  ];
  if (format && face === "json") entries.push(["format", format as string]);
  return new Map(entries);
}

/** Structures that have no names for JSON of their own are shown with Go's. */
function capitals(value: Map<string, Ordered>, wanted: boolean): Map<string, Ordered> {
  return wanted ? new Map([...value].map(([name, each]) => [name[0]!.toUpperCase() + name.slice(1), each])) : value;
}
