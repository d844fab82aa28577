/** Sizes as docker reads and writes them: `64m`, `1.5GiB` in; `12.3MB`, `64MiB` out. Pure. */

const decimalUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** C's %.Ng for positive numbers below a few thousand: N significant digits, no trailing zeros. */
function significant(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  return text.includes("e") ? String(Math.round(value)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function scale(bytes: number, base: number, units: string[], digits: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return `${significant(value, digits)}${units[unit]}`;
}

/** Powers of 1000, as `docker images` and `docker ps -s` print: 3 significant digits. */
export function humanSize(bytes: number, digits = 3): string {
  return scale(bytes, 1000, decimalUnits, digits);
}

/** The same with 4 digits, as docker prints sums: `system df`, "Total reclaimed space". */
export const totalSize = (bytes: number): string => humanSize(bytes, 4);

/** Powers of 1024, as `docker stats` prints memory: 4 significant digits. */
export function binarySize(bytes: number, digits = 4): string {
  return scale(bytes, 1024, binaryUnits, digits);
}

const multipliers: Record<string, number> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };

/** Bytes of `64m`, `64MB`, `64MiB`, `1.5g`, `512` or `-1` (always powers of 1024, as docker's memory flags); undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  if (text === "-1") return -1;
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  if (!match) return undefined;
  return Math.floor(Number(match[1]) * multipliers[match[2]!.toLowerCase()]!);
}
