/** Orders texts by their code units, whatever the locale: localeCompare would also read its data for 6 ms when first used. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Go writes maps in the order of their keys: so does everything that docker's users see. Pure. */
export function sortKeys<T>(map: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compareText(a, b)));
}
