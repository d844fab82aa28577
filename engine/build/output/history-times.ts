/** When each history entry was made: a layer's entry knows its time, a metadata entry borrows one. */
import type { HistoryEntry } from "../../image/types.ts";

/**
 * Fills in missing `created` times the way BuildKit does, so that a fully cached rebuild gives the same bytes: an entry
 * without one takes the time of the layer before it, the first ones that of the first layer after them. With no layer at
 * all there is no time: that of the build would make another image of it each time.
 * @param fallback RFC 3339, when no entry has a time
 */
export function fillHistoryTimes(history: HistoryEntry[], fallback?: string): HistoryEntry[] {
  const firstMissing = history.findIndex((entry) => entry.created === undefined);
  if (firstMissing < 0) return history;
  const timed = (entry: HistoryEntry) => entry.created !== undefined;
  let last = (history.slice(firstMissing).find(timed) ?? history.findLast(timed))?.created ?? fallback;
  let filled = false; // true once an entry had to borrow
  return history.map((entry) => {
    if (entry.created !== undefined) {
      if (filled) last = entry.created;
      return entry;
    }
    filled = true;
    return last === undefined ? entry : { created: last, ...entry };
  });
}
