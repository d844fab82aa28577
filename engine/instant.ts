/** Points in time as logs and docker's API write them. */

/** Nanoseconds since the epoch of a time by RFC 3339, whose fraction JavaScript's own dates cut off. */
export function nanosecondsOf(time: string): bigint {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  return BigInt(Date.parse(time.replace(/\.\d+/, ""))) * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}
