/** Parts of long lists (distribution-spec, "Listing Tags"): `n` names at most, those behind `last`, and where the next ones are. Pure. */
import { problem } from "./problem.ts";

export interface Page {
  items: string[];
  /** Header "Link"; absent when nothing follows. */
  link?: string;
}

/**
 * @param sorted by code units: what Go's sort.Strings makes of ASCII
 * @param path of the list, for the link
 * @throws EngineError `invalid`
 */
export function pageOf(sorted: readonly string[], path: string, query: URLSearchParams): Page {
  const last = query.get("last") ?? "";
  const first = last === "" ? 0 : firstAfter(sorted, last);
  const count = countOf(query.get("n"));
  if (count === undefined) return { items: sorted.slice(first) };
  const items = sorted.slice(first, first + count);
  const end = items.at(-1);
  if (end === undefined || first + count >= sorted.length) return { items };
  return { items, link: `<${path}?${new URLSearchParams({ n: String(count), last: end })}>; rel="next"` };
}

function countOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d{1,9}$/.test(text)) throw problem("UNSUPPORTED", `"n" is not a number: "${text}"`, { status: 400 });
  return Number(text);
}

/** By halves: lists are long. */
function firstAfter(sorted: readonly string[], last: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}
