/** Sizes as docker reads them: "64m", "1.5gb", "512", in powers of 1024. Pure. */

const powers = "bkmgtp";

/** Bytes; undefined for what is no size. */
export function parseSize(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(-?\d+(?:\.\d+)?) ?([bkmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  if (number === "") return undefined;
  const power = unit === "" ? 0 : powers.indexOf(unit.toLowerCase());
  const size = Math.trunc(Number(number) * 1024 ** power);
  return size < 0 && size !== -1 ? undefined : size;
}
