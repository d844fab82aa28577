/** Durations as Go and docker read and write them: `1m30s` in; `2 hours`, `About a minute` out. Pure. */

const milliseconds: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of Go's notation ("1m30s", "1.5h", "250ms", "0", "-10s"); undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)(.+)$/.exec(text);
  if (!match) return undefined;
  const [, sign, body = ""] = match;
  if (body === "0") return 0;
  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;
  let total = 0;
  let end = 0;
  for (const piece of body.matchAll(part)) {
    total += Number(piece[1]) * milliseconds[piece[2]!]!;
    end = piece.index + piece[0].length;
  }
  if (end === 0 || end !== body.length) return undefined;
  return sign === "-" ? -total : total;
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

/** "3 minutes ago" for a time in seconds since the epoch. */
export function ago(epochSeconds: number, now = Date.now()): string {
  return `${humanDuration(Math.max(0, now / 1000 - epochSeconds))} ago`;
}

/** Go's time.Duration.String for a duration in nanoseconds: "30s", "1m30s", "1.5s", "250ms", "0s". */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  const sign = nanoseconds < 0 ? "-" : "";
  const amount = Math.abs(nanoseconds);
  if (amount < 1e3) return `${sign}${amount}ns`;
  if (amount < 1e6) return `${sign}${amount / 1e3}µs`;
  if (amount < 1e9) return `${sign}${amount / 1e6}ms`;
  const hours = Math.floor(amount / 3.6e12);
  const minutes = Math.floor((amount % 3.6e12) / 6e10);
  const seconds = (amount % 6e10) / 1e9;
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : "";
  return `${sign}${head}${seconds}s`;
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
