/** Chance that can be repeated: a failure names its seed, and the seed brings the failure back. */

/** From BERTH_TEST_SEED, else the same on every run. */
export const testSeed = Number(process.env["BERTH_TEST_SEED"] ?? 20_261_123);

export interface Chance {
  /** A fraction in [0, 1). */
  next(): number;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
}

/** mulberry32: a small generator with 32 bits of state. */
export function chance(state: number): Chance {
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { next, below, pick: (from) => from[below(from.length)]! };
}
