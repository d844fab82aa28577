/** Points in time as docker's --since and --until take them. Pure but for the clock. */
import { EngineError } from "../../engine/errors.ts";
import { parseMilliseconds } from "./duration.ts";

const second = 1_000_000_000n;

/** Seconds since the epoch; see parseInstant. */
export function parseTime(text: string, flag: string, now = Date.now()): number {
  const instant = parseInstant(text, flag, now);
  return Number(instant / second) + Number(instant % second) / 1e9;
}

/**
 * Nanoseconds since the epoch of a Unix time ("1700000000.5"), a duration before now ("10m"), or RFC 3339 and its
 * shorter forms ("2024-05-01T12:00:00.123456789Z", "2024-05-01T12:00", "2024-05-01"; local time without a zone; a comma before the fraction, as `date -Ins` has it, does, too).
 * @param now milliseconds
 * @throws EngineError `usage`
 */
export function parseInstant(text: string, flag: string, now = Date.now()): bigint {
  const [, seconds, part] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (seconds !== undefined) return BigInt(seconds) * second + nanoseconds(part);
  const back = parseMilliseconds(text);
  if (back !== undefined) return BigInt(Math.round((now - back) * 1e3)) * 1000n;
  const [, date, fraction, zone] = /^(\d{4}-\d{2}-\d{2}(?:T[\d:]+)?)(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  const whole = date?.includes("T") ? Date.parse(`${date}${zone ?? ""}`) : Date.parse(`${date}T00:00:00`);
  if (!Number.isNaN(whole) && (date?.includes("T") || (fraction ?? zone) === undefined))
    return BigInt(whole) * 1_000_000n + nanoseconds(fraction);
  throw new EngineError("usage", `invalid value for "${flag}": failed to parse value as time or duration: "${text}"`, {
    hint: 'give a time such as "2024-05-01T12:00:00Z", Unix seconds, or a duration before now such as "10m"',
    exit: 1,
  });
}

function nanoseconds(fraction = ""): bigint {
  return BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}

/** As Go prints a time: "2026-01-02T03:04:05.120000000Z" is "2026-01-02 03:04:05.12 +0000 UTC". */
export function goTime(rfc3339: string): string {
  const [, day, clock, fraction = "", zone = "Z"] = /^(.*)T([\d:]+)(\.\d+)?(.*)$/.exec(rfc3339) ?? [];
  if (day === undefined) return rfc3339;
  const offset = zone === "Z" ? "+0000 UTC" : `${zone.replace(":", "")} ${zone.replace(":", "")}`;
  return `${day} ${clock}${fraction.replace(/\.?0+$/, "")} ${offset}`;
}
