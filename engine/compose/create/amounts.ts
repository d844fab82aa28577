/** Texts of a loaded project as numbers of the Engine API. The loader has checked them. Pure. */
import { parseLongDuration } from "../../duration.ts";
import { parseSize } from "../values/size.ts";

/** Bytes. */
export function bytes(text: string | number | undefined): number | undefined {
  return text === undefined ? undefined : parseSize(String(text));
}

export function nanoseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(parseLongDuration(text) ?? 0n);
}

/** Whole seconds, a part of one counts as one. */
export function wholeSeconds(text: string | undefined): number | undefined {
  const value = nanoseconds(text);
  return value === undefined ? undefined : Math.ceil(value / 1e9);
}

/** An octal mode. */
export function mode(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number.parseInt(text, 8);
}

/** The same object without members that are undefined: the Engine API tells "not given" from a value by absence. */
export function given<Shape extends object>(shape: Shape): Shape {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Shape;
}
