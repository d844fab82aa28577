/** Names of objects in a question: all of a few, the first of many. Pure. */

/** "one stopped container", "3 stopped containers". */
export function counted(count: number, noun: string): string {
  return count === 1 ? `one ${noun}` : `${count} ${noun}s`;
}

/** As many fit into a box on the smallest screen. */
const most = 6;

/** `"web", "db"`; `"c1", "c2", … and 114 more`. */
export function named(names: readonly string[]): string {
  const text = names
    .slice(0, most)
    .map((name) => `"${name}"`)
    .join(", ");
  return names.length > most ? `${text} and ${names.length - most} more` : text;
}
