/** What an image's containers begin with, for a line: the name of a directive and its value. */

/** A switch by its name; a profile by its size. */
export function describeDefault(name: string, value: string): string {
  if (value === "true") return name;
  return value.startsWith("{") ? `${name} (a profile of ${value.length} characters)` : `${name} ${value}`;
}
