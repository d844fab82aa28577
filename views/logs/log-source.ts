/**
 * The log of a container on this machine, as lines to look at: read from its files where and when they are wanted, so that its
 * size does not matter. A few pages around what is looked at are kept.
 */
import type { LogPages, PlacedLine } from "../../engine/container/logs/index.ts";
import { rewritten } from "./line-buffer.ts";
import { type Found, type Line, shareOf, type TimedSource } from "./line-source.ts";

/** Pages kept, of some hundred lines each. */
const kept = 24;

export class LogSource implements TimedSource, Disposable {
  #pages: LogPages;
  /** Lines in a row, the newest page first. */
  #cache: PlacedLine[][] = [];
  #range: { since?: number; until?: number } = {};
  #lives = new Map<number, string>();

  constructor(pages: LogPages) {
    this.#pages = pages;
  }

  get first(): number {
    return Math.max(this.#pages.start, this.#range.since ?? 0);
  }

  get end(): number {
    return Math.max(this.first, Math.min(this.#pages.end, this.#range.until ?? Number.POSITIVE_INFINITY));
  }

  refresh(): boolean {
    const { end } = this.#pages;
    const hasChanged = this.#pages.refresh();
    // What was read up to the end then may go on: a line without an end, or one in parts.
    if (hasChanged) this.#cache = this.#cache.filter((page) => page.at(-1)!.end < end && page[0]!.at >= this.#pages.start);
    return hasChanged;
  }

  clip(since: string | undefined, until: string | undefined): void {
    this.#range = {
      ...(since !== undefined && { since: this.#pages.seek(since) }),
      ...(until !== undefined && { until: this.#pages.seek(until) }),
    };
  }

  seek(time: string): number {
    return Math.max(this.first, Math.min(this.#pages.seek(time), this.end));
  }

  /** Words that stand before the first line at a time or after it, but not before a place. */
  announce(time: string, place: number, words: string): void {
    this.#lives.set(Math.max(place, this.#pages.seek(time)), words);
  }

  line(at: number): Line | undefined {
    const found = this.#find(at);
    if (!found) return undefined;
    const { time, stream, text } = found;
    const before = this.#lives.get(at);
    return { text: rewritten(text), time, stream, ...(before !== undefined && { before }) };
  }

  #find(at: number): PlacedLine | undefined {
    if (at >= this.end || at < this.first) return undefined;
    for (const page of this.#cache) {
      if (at < page[0]!.at || at >= page.at(-1)!.end) continue;
      const line = page[indexOf(page, at)];
      if (line && line.at === at) return line;
    }
    return this.#keep(this.#pages.forward(at))?.[0];
  }

  #keep(page: PlacedLine[]): PlacedLine[] | undefined {
    if (page.length === 0) return undefined;
    this.#cache = [page, ...this.#cache.slice(0, kept - 1)];
    return page;
  }

  next(at: number): number {
    return Math.min(this.end, this.#find(at)?.end ?? this.end);
  }

  previous(at: number): number | undefined {
    if (at <= this.first) return undefined;
    for (const page of this.#cache) {
      if (at <= page[0]!.at || at > page.at(-1)!.end) continue;
      const line = page[indexOf(page, at - 1)];
      if (line && line.at < at && line.end >= at) return line.at;
    }
    const line = this.#keep(this.#pages.backward(at))?.at(-1);
    return line && line.at >= this.first ? line.at : undefined;
  }

  *scan(from: number, step: 1 | -1, test: (text: string) => boolean): Generator<Found> {
    const [first, end] = [this.first, this.end];
    const start = step > 0 ? Math.max(from, first) : Math.min(from, end);
    if (step > 0 ? start >= end : start <= first) return;
    for (const { found, at } of this.#pages.scan(start, step, (text) => test(rewritten(text)))) {
      yield { found: found.filter((place) => place >= first && place < end), at: Math.max(first, Math.min(at, end)) };
      if (at <= first || at >= end) return;
    }
  }

  whereabouts(_first: number, last: number, end: number): string {
    return shareOf(this, last, end);
  }

  [Symbol.dispose](): void {
    this.#pages[Symbol.dispose]();
    this.#cache = [];
  }
}

/** The line of a page that a place is in. */
function indexOf(page: readonly PlacedLine[], place: number): number {
  let [low, high] = [0, page.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (page[middle]!.at <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
