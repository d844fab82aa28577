/** Durations as docker reads and writes them: `1m30s` in; `2 hours`, `About a minute` out. Pure. */
import { parseDuration } from "../../engine/duration.ts";

/** Milliseconds of a duration as Go writes it; undefined when it is none. */
export function parseMilliseconds(text: string): number | undefined {
  const nanoseconds = parseDuration(text);
  return nanoseconds === undefined ? undefined : nanoseconds / 1e6;
}

/** Docker's rough duration (go-units HumanDuration), from seconds: "Less than a second", "2 minutes", "About an hour", "3 weeks". */
export function humanDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(seconds / 3600);
  if (whole < 1) return "Less than a second";
  if (whole === 1) return "1 second";
  if (whole < 60) return `${whole} seconds`;
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}

const shortUnits: readonly (readonly [string, number])[] = [
  ["y", 365 * 86_400],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
];

/** The same in a few cells, from seconds: "42s", "3m", "5h", "12d", "2y". */
export function shortDuration(seconds: number): string {
  const [unit, size] = shortUnits.find(([, least]) => seconds >= least) ?? ["s", 1];
  return `${Math.floor(Math.max(0, seconds) / size)}${unit}`;
}

/** "3 minutes ago" for a time in seconds since the epoch. */
export function ago(epochSeconds: number, now = Date.now()): string {
  return `${humanDuration(Math.max(0, now / 1000 - epochSeconds))} ago`;
}

/** "2024-05-01 12:00:00 +0000 UTC", docker's CreatedAt, in local time with its offset, for seconds since the epoch. */
export function timestamp(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000);
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString();
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, "0");
  const zone = offset === 0 ? "UTC" : (/\(([^)]+)\)/.exec(date.toString())?.[1]?.replace(/[a-z ]/g, "") ?? "");
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} ${offset < 0 ? "-" : "+"}${two(offset / 60)}${two(offset % 60)} ${zone}`.trim();
}
