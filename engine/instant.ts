/** Points in time as logs and docker's API write them. */
import { parseLongDuration } from "./duration.ts";
import { EngineError } from "./errors.ts";

/** Nanoseconds since the epoch of a time by RFC 3339, whose fraction JavaScript's own dates cut off. */
export function nanosecondsOf(time: string): bigint {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  return BigInt(Date.parse(time.replace(/\.\d+/, ""))) * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}

/**
 * What the filter "until" names: RFC 3339, seconds since the epoch, or a duration before now ("24h", "1h30m").
 * @returns milliseconds since the epoch
 * @throws EngineError `invalid`
 */
export function parseMoment(text: string, now = Date.now()): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d))+$/.test(text)) return now - Number(parseLongDuration(text)) / 1e6;
  const moment = Date.parse(text.replace(/,(?=\d)/, "."));
  if (Number.isNaN(moment))
    throw new EngineError("invalid", `failed to parse value as time or duration: "${text}"`, {
      hint: "write a duration such as 24h, seconds since the epoch, or a time such as 2026-01-31T10:00:00Z",
    });
  return moment;
}
