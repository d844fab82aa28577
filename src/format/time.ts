/** Points in time as docker's --since and --until take them. Pure but for the clock. */
import { EngineError } from "../../engine/errors.ts";
import { parseDuration } from "./duration.ts";

/**
 * Seconds since the epoch of a Unix time ("1700000000.5"), a duration before now ("10m"), or RFC 3339 and its shorter
 * forms ("2024-05-01T12:00:00Z", "2024-05-01T12:00", "2024-05-01"; local time without a zone).
 * @throws EngineError `usage`
 */
export function parseTime(text: string, flag: string, now = Date.now()): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const back = parseDuration(text);
  if (back !== undefined) return (now - back) / 1000;
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00`) : new Date(text);
  if (/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text) && !Number.isNaN(date.getTime())) return date.getTime() / 1000;
  throw new EngineError("usage", `invalid value for "${flag}": failed to parse value as time or duration: "${text}"`, {
    hint: 'give a time such as "2024-05-01T12:00:00Z", Unix seconds, or a duration before now such as "10m"',
    exit: 1,
  });
}
