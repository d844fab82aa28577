/** Go's view of values: truth, printing, comparing. Plain JSON data stands for Go's maps, slices and basic types. Pure. */

/** Structures, with what each prints. */
const structs = new WeakMap<object, readonly unknown[]>();
const nils = new WeakSet<object>();

/** @param printed its values as `{{.}}` shows them, where an embedded structure is one of them */
export function markStruct<T extends object>(value: T, printed?: readonly unknown[]): T {
  structs.set(value, printed ?? Object.values(value));
  return value;
}

/** An object whose members have places of their own, as against a map. */
export function isStruct(value: object): boolean {
  return structs.has(value);
}

const dictionaries = new WeakSet<object>();

/** A map whose values have a type: an entry that it does not have is no mistake. */
export function markMap<T extends object>(value: T): T {
  dictionaries.add(value);
  return value;
}

/** Of maps without a type, those of texts (labels, options) count as such. */
export function hasTypedValues(value: object): boolean {
  return dictionaries.has(value) || Object.values(value).every((member) => typeof member === "string");
}

export function markNil<T extends object>(value: T): T {
  nils.add(value);
  return value;
}

/** nil itself, and nil slices and maps, which are empty for everything but comparisons. */
export function isNil(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "object" && nils.has(value));
}

/** A basic value that prints in another way than JSON writes it: a time, a duration. */
export class Printed {
  readonly #json: unknown;
  readonly #text: string;
  constructor(json: unknown, text: string) {
    this.#json = json;
    this.#text = text;
  }
  toJSON(): unknown {
    return this.#json;
  }
  toString(): string {
    return this.#text;
  }
}

/** text/template: false, 0, nil, and empty strings, slices and maps are false. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Printed) return Boolean(value.toJSON());
  if (typeof value === "object") return isStruct(value) || Object.keys(value).length > 0;
  return Boolean(value);
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Printed);
}

/** fmt's %v. */
export function text(value: unknown): string {
  if (value === undefined) return "<no value>";
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
  if (isMap(value) && isStruct(value)) return `{${structs.get(value)!.map(text).join(" ")}}`;
  if (isMap(value))
    return `map[${keysOf(value)
      .map((key) => `${key}:${text(value[key])}`)
      .join(" ")}]`;
  return String(value);
}

/** Members that are data, sorted as Go visits maps. */
export function keysOf(value: Record<string, unknown>): string[] {
  return Object.keys(value)
    .filter((key) => typeof value[key] !== "function")
    .sort();
}

/** Go's kind, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "nil";
  if (Array.isArray(value)) return "slice";
  if (value instanceof Printed) return "struct";
  if (isMap(value)) return isStruct(value) ? "struct" : "map";
  return typeof value === "number" ? (Number.isInteger(value) ? "int" : "float") : typeof value === "boolean" ? "bool" : typeof value;
}

/** Negative, zero, positive; undefined when the two cannot be ordered. */
export function compare(a: unknown, b: unknown): number | undefined {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return undefined;
}
