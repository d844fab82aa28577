/**
 * Lines to look at: a few in a buffer, or those of a log of any size. A line's place is a number that grows from line to line; what is
 * between two places is the source's own business.
 */

export interface Line {
  text: string;
  /** RFC 3339, for logs. */
  time?: string;
  stream?: "stdout" | "stderr";
  /** Who wrote it, where several do: a name, and the number of its colour. */
  from?: { name: string; colour: number };
  /** Words for what happened before it: another life of the container began. */
  before?: string;
}

/** What a search has found in one of its steps, in its direction, and how far it has come. */
export interface Found {
  found: readonly number[];
  at: number;
}

export interface LineSource {
  /** Place of the first line. */
  readonly first: number;
  /** One past the last line. */
  readonly end: number;
  line(at: number): Line | undefined;
  /** The place behind a line: of the next one, or the end. */
  next(at: number): number;
  /** The place of the line before one, or before the end; undefined at the first. */
  previous(at: number): number | undefined;
  /** Looks at the text of all lines in a direction: those from a place on, or those before it. Each step is short. */
  scan(from: number, step: 1 | -1, test: (text: string) => boolean): Iterable<Found>;
  /** Where the lines in sight are, for people: "12/340" of the first, "37% of 2 MB" of the last. @param end one past the last line that may show */
  whereabouts(first: number, last: number, end: number): string;
}

/** Lines of files, which know when they were written. */
export interface TimedSource extends LineSource {
  /** Looks what there is now. @returns has it changed? */
  refresh(): boolean;
  /** Only lines of these times, RFC 3339 in UTC; undefined is without a bound. */
  clip(since: string | undefined, until: string | undefined): void;
  /** The first line at a time or after it. */
  seek(time: string): number;
}

export const isTimed = (source: LineSource | undefined): source is TimedSource => source !== undefined && "seek" in source;

/** "37% of 2 MB": how much there is up to the end of the last line in sight, where places are counted in bytes. */
export function shareOf(source: LineSource, last: number, end: number): string {
  const { first } = source;
  const size = end - first;
  return size > 0 ? `${Math.round((100 * (Math.min(source.next(last), end) - first)) / size)}% of ${bytes(size)}` : "empty";
}

function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  let value = count;
  for (const unit of ["kB", "MB"]) {
    value /= 1000;
    if (value < 999.5) return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  }
  return `${(value / 1000).toFixed(1)} GB`;
}
