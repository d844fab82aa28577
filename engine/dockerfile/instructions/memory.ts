/** Sizes of memory as docker's flags write them: binary whatever the unit is called. */

const powers: Record<string, number> = { "": 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** "64m", "1.5GB", "512" to bytes; undefined when it is none. */
export function parseMemory(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  if (!match) return undefined;
  return Math.floor(Number(match[1]) * 1024 ** powers[match[2]!.toLowerCase()]!);
}
