/** What JSON gives, told apart. Pure. */

/** An object: neither null nor a list. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
