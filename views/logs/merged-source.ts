/**
 * The logs of several containers on this machine as one, in the order of their times, whatever their sizes: the files are read where
 * they are looked at. A place is how many bytes of all of them lie before it; how many of each, is found by going there from a place
 * nearby that is remembered.
 */
import { type Found, type Line, shareOf, type TimedSource } from "./line-source.ts";
import type { LogSource } from "./log-source.ts";

export interface Part {
  source: LogSource;
  from: NonNullable<Line["from"]>;
}

/** A place in each of the parts. */
type Front = readonly number[];

interface Mark {
  at: number;
  front: Front;
}

/** A line of one part. */
interface Head {
  at: number;
  time: string;
}

/** A line: how far all parts had been taken before it, whose it is, where the next one begins. */
interface Placed {
  at: number;
  end: number;
  front: Front;
  part: number;
}

/** Lines between two places that are remembered for good, and those of the last lines that were looked at. */
const stride = 256;
const recent = 4000;
/** Lines looked at in one step of a search. */
const lookedAt = 500;
/** Ends remembered that there once were: nothing that comes late, as its time was taken a moment before, moves what has been seen. */
const mostEnds = 1000;

/** How many marks are before a place. */
function before(marks: readonly Mark[], at: number): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The part whose line before is the latest of those behind the limit, the last of several; -1 for none. */
function latest(heads: readonly (Head | undefined)[], limit: Front): number {
  let found = -1;
  for (const [part, head] of heads.entries()) {
    if (head === undefined || head.at < limit[part]!) continue;
    if (found < 0 || head.time >= heads[found]!.time) found = part;
  }
  return found;
}

const sum = (front: Front) => front.reduce((all, each) => all + each, 0);

export class MergedSource implements TimedSource, Disposable {
  #parts: readonly Part[];
  #recent = new Map<number, Placed>();
  /** Both in order. */
  #kept: Mark[] = [];
  #ends: Mark[] = [];
  #passed = 0;

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  get #starts(): Front {
    return this.#parts.map(({ source }) => source.first);
  }

  get #last(): Front {
    return this.#parts.map(({ source }) => source.end);
  }

  get first(): number {
    return sum(this.#starts);
  }

  get end(): number {
    return sum(this.#last);
  }

  refresh(): boolean {
    const ends = { at: this.end, front: this.#last };
    const hasChanged = this.#parts.map(({ source }) => source.refresh()).includes(true);
    if (!hasChanged) return false;
    this.#recent.clear();
    this.#ends = [...this.#ends.slice(1 - mostEnds), ends];
    return true;
  }

  clip(since: string | undefined, until: string | undefined): void {
    for (const { source } of this.#parts) source.clip(since, until);
    this.#recent.clear();
    this.#kept = [];
    this.#ends = [];
  }

  seek(time: string): number {
    const front = this.#parts.map(({ source }) => source.seek(time));
    this.#keep(sum(front), front);
    return sum(front);
  }

  line(at: number): Line | undefined {
    const placed = this.#find(at);
    const { source, from } = this.#parts[placed?.part ?? 0]!;
    const line = placed && source.line(placed.front[placed.part]!);
    return line && { ...line, from };
  }

  next(at: number): number {
    return this.#find(at)?.end ?? this.end;
  }

  previous(at: number): number | undefined {
    return this.#backward(this.#frontAt(at)).next().value?.at;
  }

  *scan(from: number, step: 1 | -1, test: (text: string) => boolean): Generator<Found> {
    const lines = step > 0 ? this.#forward(this.#frontAt(from)) : this.#backward(this.#frontAt(from));
    for (;;) {
      const found: number[] = [];
      let last: Placed | undefined;
      for (let count = 0; count < lookedAt; count++) {
        const { value } = lines.next();
        if (!value) break;
        last = value;
        if (test(this.#parts[value.part]!.source.line(value.front[value.part]!)?.text ?? "")) found.push(value.at);
      }
      if (!last) return;
      yield { found, at: step > 0 ? last.end : last.at };
    }
  }

  whereabouts(_first: number, last: number, end: number): string {
    return shareOf(this, last, end);
  }

  /** The line at a place, or the first behind it. */
  #find(at: number): Placed | undefined {
    if (at >= this.end) return undefined;
    const known = this.#recent.get(at);
    if (known) return known;
    const near = this.#kept[before(this.#kept, at + 1) - 1];
    for (const placed of this.#forward(near?.front ?? this.#starts)) if (placed.at >= at) return placed;
    return undefined;
  }

  #frontAt(at: number): Front {
    return this.#find(at)?.front ?? this.#last;
  }

  #keep(at: number, front: Front): void {
    const number = before(this.#kept, at);
    if (this.#kept[number]?.at !== at) this.#kept.splice(number, 0, { at, front });
  }

  #remember(placed: Placed): Placed {
    if (this.#recent.size >= recent) this.#recent.clear();
    this.#recent.set(placed.at, placed);
    if (this.#passed++ % stride === 0) this.#keep(placed.at, placed.front);
    return placed;
  }

  *#forward(from: Front): Generator<Placed, undefined> {
    const front = from.map((at, part) => Math.max(at, this.#parts[part]!.source.first));
    const times = front.map((at, part) => this.#timeOf(part, at));
    for (let at = sum(front); ; ) {
      const limit = this.#ends[before(this.#ends, at + 1)];
      let part = limit ? this.#earliest(front, times, limit.front) : -1;
      if (part < 0) part = this.#earliest(front, times, this.#last);
      if (part < 0) return undefined;
      const next = this.#parts[part]!.source.next(front[part]!);
      const end = at + next - front[part]!;
      yield this.#remember({ at, end, front: [...front], part });
      front[part] = next;
      times[part] = this.#timeOf(part, next);
      at = end;
    }
  }

  #timeOf(part: number, at: number): string {
    return this.#parts[part]!.source.line(at)?.time ?? "";
  }

  /** The part whose next line is the earliest of those before the limit, the first of several; -1 for none. */
  #earliest(front: Front, times: readonly string[], limit: Front): number {
    let found = -1;
    for (const [part, { source }] of this.#parts.entries()) {
      if (front[part]! >= Math.min(limit[part]!, source.end)) continue;
      if (found < 0 || times[part]! < times[found]!) found = part;
    }
    return found;
  }

  *#backward(from: Front): Generator<Placed, undefined> {
    const front = [...from];
    const heads = front.map((at, part) => this.#headBefore(part, at));
    for (let end = sum(front); ; ) {
      const limit = this.#ends[before(this.#ends, end) - 1];
      let part = limit ? latest(heads, limit.front) : -1;
      if (part < 0) part = latest(heads, this.#starts);
      if (part < 0) return undefined;
      const { at: start } = heads[part]!;
      const at = end - front[part]! + start;
      front[part] = start;
      yield this.#remember({ at, end, front: [...front], part });
      heads[part] = this.#headBefore(part, start);
      end = at;
    }
  }

  #headBefore(part: number, at: number): Head | undefined {
    const start = this.#parts[part]!.source.previous(at);
    return start === undefined ? undefined : { at: start, time: this.#timeOf(part, start) };
  }

  [Symbol.dispose](): void {
    for (const { source } of this.#parts) source[Symbol.dispose]();
    this.#recent.clear();
  }
}
