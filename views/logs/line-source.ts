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
