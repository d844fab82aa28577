/** Go's view of values: truth, printing, comparing. Plain JSON data stands for Go's maps, slices and basic types. Pure. */

import { isStruct } from "./go-shape.ts";

/** A field that the data does not have: false in a condition, an error where it is printed or used. */
export class Missing {
  readonly name: string;
  readonly offset: number;
  readonly known: string[];
  constructor(name: string, offset: number, known: string[]) {
    this.name = name;
    this.offset = offset;
    this.known = known;
  }
}

export function isMissing(value: unknown): value is Missing {
  return value instanceof Missing;
}

/** text/template: false, 0, nil, and empty strings, slices and maps are false. */
export function isTrue(value: unknown): boolean {
  if (isMissing(value) || value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object") return Object.keys(value).length > 0;
  return Boolean(value);
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** fmt's %v. */
export function text(value: unknown): string {
  if (value === undefined) return "<no value>";
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
  if (isMap(value) && isStruct(value)) return `{${Object.values(value).map(text).join(" ")}}`;
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
  if (isMap(value)) return "map";
  return typeof value === "number" ? (Number.isInteger(value) ? "int" : "float") : typeof value === "boolean" ? "bool" : typeof value;
}

/** Negative, zero, positive; undefined when the two cannot be ordered. */
export function compare(a: unknown, b: unknown): number | undefined {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return undefined;
}
