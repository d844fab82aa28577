/** Points in time as logs and docker's API write them. */
import { EngineError } from "./errors.ts";

/** Nanoseconds since the epoch of a time by RFC 3339, whose fraction JavaScript's own dates cut off. */
export function nanosecondsOf(time: string): bigint {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  return BigInt(Date.parse(time.replace(/\.\d+/, ""))) * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}

const milliseconds: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * What the filter "until" names: RFC 3339, seconds since the epoch, or a duration before now ("24h", "1h30m").
 * @returns milliseconds since the epoch
 * @throws EngineError `invalid`
 */
export function parseMoment(text: string, now = Date.now()): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)];
    return now - parts.reduce((sum, [, number, unit]) => sum + Number(number) * milliseconds[unit!]!, 0);
  }
  const moment = Date.parse(text);
  if (Number.isNaN(moment))
    throw new EngineError("invalid", `failed to parse value as time or duration: "${text}"`, {
      hint: "write a duration such as 24h, seconds since the epoch, or a time such as 2026-01-31T10:00:00Z",
    });
  return moment;
}
