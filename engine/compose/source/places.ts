/**
 * Where in which file each value of a tree stands. A tree is what YAML gives: mappings, lists and scalars; its places are kept beside
 * it, so that merging and rewriting work on plain values, and an error finds the nearest place above what it is about. Pure.
 */
import { EngineError, type EngineErrorOptions, type SourceLocation } from "../../errors.ts";

/** A mapping: names are the user's, so it inherits none. */
export type Tree = Record<string, unknown>;

/** What a mapping is as a text, where one stands in a scalar's place. */
const bare: object = Object.freeze(Object.assign(Object.create(null), { [Symbol.toPrimitive]: () => "{…}" }));

/** Names from the document's top: services, web, ports, 0. */
export type Path = readonly string[];

export interface SourceFile {
  name: string;
  text: string;
  /** It came from elsewhere with this directory: its paths start there, and none may lead out. */
  within?: string;
}

/** A character of a file, counted from 0. */
export interface Place {
  file: SourceFile;
  offset: number;
}

const known = new WeakMap<object, Map<string, Place>>();

export function tree(entries: Iterable<readonly [string, unknown]> = []): Tree {
  const made: Tree = Object.create(bare);
  for (const [key, value] of entries) made[key] = value;
  return made;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function setPlace(holder: object, key: string | number, place: Place | undefined): void {
  if (!place) return;
  const own = known.get(holder);
  if (own) own.set(String(key), place);
  else known.set(holder, new Map([[String(key), place]]));
}

/** Where the value behind a key of a mapping or list stands: its key, or the list's item. */
export function placeIn(holder: object, key: string | number): Place | undefined {
  return known.get(holder)?.get(String(key));
}

/** A list out of another's items, each of which keeps its place. */
export function listFrom<Item>(source: readonly unknown[], pairs: Iterable<readonly [index: number, item: Item]>): Item[] {
  const list: Item[] = [];
  for (const [index, item] of pairs) {
    setPlace(list, list.length, placeIn(source, index));
    list.push(item);
  }
  return list;
}

/** The deepest place that is known on the way to a path. */
export function placeOf(root: unknown, path: Path): Place | undefined {
  let place: Place | undefined;
  let at: unknown = root;
  for (const key of path) {
    if (typeof at !== "object" || at === null) break;
    place = placeIn(at, key) ?? place;
    at = (at as Tree)[key];
  }
  return place;
}

export function locationOf({ file, offset }: Place): SourceLocation {
  const before = file.text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { file: file.name, line: before.split("\n").length, column: offset - lineStart + 1, source: file.text };
}

/** "services.web.ports[0]" */
function pathText(path: Path): string {
  return path.map((key, at) => (/^\d+$/.test(key) && at > 0 ? `[${key}]` : at > 0 ? `.${key}` : key)).join("");
}

/** An error about what stands at a place. */
export function wrong(message: string, place: Place | undefined, options: EngineErrorOptions = {}): EngineError {
  return new EngineError("compose", message, { location: place && locationOf(place), ...options });
}

/** An error about what stands at a path of a tree: "services.web.ports[0]: …". */
export function wrongAt(root: unknown, path: Path, message: string, options: EngineErrorOptions = {}): EngineError {
  const details = { path: pathText(path), ...options.details };
  return wrong(`${pathText(path)}: ${message}`, placeOf(root, path), { ...options, details });
}

/** A copy of a value whose parts stand where the original's do. */
export function cloneValue<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const copy: object = Array.isArray(value) ? [] : tree();
  for (const key of Object.keys(value)) {
    (copy as Tree)[key] = cloneValue((value as Tree)[key]);
    setPlace(copy, key, placeIn(value, key));
  }
  return copy as Value;
}
