/**
 * The lines of a source that a filter lets through. Their places are looked for in the background, from the end to the beginning, as the
 * end is what is looked at first; what comes at the end is looked at as it comes.
 */
import type { Found, Line, LineSource } from "./line-source.ts";

/** Places kept: 32 MiB. */
const most = 4_000_000;

export class FilteredSource implements LineSource {
  readonly source: LineSource;
  #test: (text: string) => boolean;
  /** Found, the newest first. */
  #older: number[] = [];
  /** Found behind where it began, in order. */
  #newer: number[] = [];
  #scan: Iterator<Found>;
  /** How far the lines at the end have been looked at. */
  #seen: number;
  #from: number;
  #at: number;
  /** All of it has been looked at, or as much as there is room for. */
  complete = false;

  /** @param test is a line let through? of its plain text */
  constructor(source: LineSource, test: (text: string) => boolean) {
    this.source = source;
    this.#test = test;
    this.#seen = source.end;
    this.#from = source.end;
    this.#at = source.end;
    this.#scan = source.scan(source.end, -1, test)[Symbol.iterator]();
  }

  /** Looks at some more lines. @returns is there more to look at? */
  step(): boolean {
    const { done, value } = this.#scan.next();
    if (done || this.#older.length >= most) {
      this.complete = true;
      return false;
    }
    for (const place of value.found) this.#older.push(place);
    this.#at = value.at;
    return true;
  }

  /** Looks at what has come at the end. */
  refresh(): void {
    while (this.#older.length > 0 && this.#older.at(-1)! < this.source.first) this.#older.pop(); // rotated away
    for (const { found, at } of this.source.scan(this.#seen, 1, this.#test)) {
      for (const place of found) this.#newer.push(place);
      this.#seen = at;
    }
  }

  /** Percent of what was there that has been looked at. */
  get progress(): number {
    const all = this.#from - this.source.first;
    return this.complete || all <= 0 ? 100 : Math.floor((100 * (this.#from - this.#at)) / all);
  }

  get count(): number {
    return this.#older.length + this.#newer.length;
  }

  /** The place of a match by its number, the oldest 0. */
  #place(number: number): number | undefined {
    return number < this.#older.length ? this.#older[this.#older.length - 1 - number] : this.#newer[number - this.#older.length];
  }

  /** The number of the first match at a place or behind it. */
  #number(at: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#place(middle)! < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get first(): number {
    return this.#place(0) ?? this.source.end;
  }

  get end(): number {
    const last = this.#place(this.count - 1);
    return last === undefined ? this.source.end : this.source.next(last);
  }

  line(at: number): Line | undefined {
    return this.source.line(at);
  }

  next(at: number): number {
    return this.#place(this.#number(at + 1)) ?? this.end;
  }

  previous(at: number): number | undefined {
    const number = this.#number(at) - 1;
    return number >= 0 ? this.#place(number) : undefined;
  }

  *scan(from: number, step: 1 | -1, test: (text: string) => boolean): Generator<Found> {
    for (const { found, at } of this.source.scan(from, step, (text) => this.#test(text) && test(text))) yield { found, at };
  }

  whereabouts(at: number): string {
    const note = this.complete ? "" : ` (${this.progress}% looked at)`;
    return `${Math.min(this.count, this.#number(at) + 1)}/${this.count}${note}`;
  }
}
