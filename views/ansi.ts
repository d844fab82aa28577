/**
 * Log lines that keep their colours and nothing else: SGR sequences (ECMA-48 8.3.117) become segments, every other
 * escape sequence is dropped, control characters are neutralised. Also slicing and wrapping of such lines. Pure.
 */

import { graphemes } from "../src/format/cells.ts";
import { neutraliseLine } from "../src/format/neutral.ts";

/** A run of text in one style; `sgr` holds the parameters in force, "" for the default style. */
export interface Segment {
  sgr: string;
  text: string;
}

/** CSI, OSC and other string sequences (to BEL or ST), two-character escapes; an unfinished one takes the rest. */
const sequence = /\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\[[0-?]*[ -/]*$|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]|\x1b/g;

/** A line without its escape sequences, as a search looks at it. */
export function withoutSequences(line: string): string {
  return line.includes("\x1b") ? line.replace(sequence, "") : line;
}

/** Puts a style on top of what a pattern finds in the text of segments, across their bounds. */
export function restyle(segments: readonly Segment[], pattern: RegExp, sgr: string): Segment[] {
  const ranges = [...plainText(segments).matchAll(pattern)].map((match) => [match.index, match.index + match[0].length] as const);
  if (ranges.length === 0) return [...segments];
  const result: Segment[] = [];
  let at = 0;
  for (const segment of segments) {
    const end = at + segment.text.length;
    const cuts = ranges.flatMap((range) => range.filter((place) => place > at && place < end));
    for (const [index, from] of [at, ...cuts].entries()) {
      const to = cuts[index] ?? end;
      const text = segment.text.slice(from - at, to - at);
      const isFound = ranges.some(([begin, stop]) => from >= begin && from < stop);
      if (text) result.push(isFound ? { sgr: segment.sgr ? `${segment.sgr};${sgr}` : sgr, text } : { sgr: segment.sgr, text });
    }
    at = end;
  }
  return result;
}

/** Splits a line into styled segments; tabs become spaces to the next multiple of eight. */
export function parseLine(line: string): Segment[] {
  const segments: Segment[] = [];
  let sgr = "";
  let column = 0;
  const push = (raw: string) => {
    if (!raw) return;
    let text = "";
    for (const grapheme of graphemes(raw.replace(/\r/g, ""))) {
      const piece = grapheme.text === "\t" ? " ".repeat(8 - (column % 8)) : neutraliseLine(grapheme.text);
      text += piece;
      column += grapheme.text === "\t" ? piece.length : grapheme.width;
    }
    if (text) segments.push({ sgr, text });
  };
  let from = 0;
  for (const match of line.matchAll(sequence)) {
    push(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") sgr = nextStyle(sgr, match[1] ?? "");
  }
  push(line.slice(from));
  return segments;
}

/** SGR parameters accumulate until a reset. */
function nextStyle(before: string, parameters: string): string {
  if (!/^[\d:;]*$/.test(parameters)) return before;
  const list = parameters.replaceAll(":", ";").split(";");
  const lastReset = list.lastIndexOf("0");
  const resets = parameters === "" || (lastReset >= 0 && !/[34]8;[25]/.test(parameters));
  const after = resets
    ? list
        .slice(lastReset + 1)
        .filter(Boolean)
        .join(";")
    : parameters;
  return [resets ? "" : before, after].filter(Boolean).join(";");
}

/** The plain text of a line. */
export function plainText(segments: readonly Segment[]): string {
  return segments.map((segment) => segment.text).join("");
}

/** Breaks segments into rows of `width` cells; with `limit` 1 it cuts instead of wrapping. */
export function wrapSegments(segments: readonly Segment[], width: number, limit = Number.POSITIVE_INFINITY): Segment[][] {
  const rows: Segment[][] = [[]];
  let used = 0;
  for (const { sgr, text } of segments) {
    let piece = "";
    for (const grapheme of graphemes(text)) {
      if (used + grapheme.width > width) {
        if (piece) rows.at(-1)!.push({ sgr, text: piece });
        if (rows.length >= limit) return rows;
        rows.push([]);
        piece = "";
        used = 0;
      }
      piece += grapheme.text;
      used += grapheme.width;
    }
    if (piece) rows.at(-1)!.push({ sgr, text: piece });
  }
  return rows;
}

/** The segments without their first cells; half a wide character becomes a blank. */
export function dropCells(segments: readonly Segment[], cells: number): Segment[] {
  const rest: Segment[] = [];
  let left = cells;
  for (const { sgr, text } of segments) {
    let kept = "";
    for (const grapheme of graphemes(text)) {
      if (left <= 0) kept += grapheme.text;
      else if (grapheme.width > left) kept += " ".repeat(grapheme.width - left);
      left -= grapheme.width;
    }
    if (kept) rest.push({ sgr, text: kept });
  }
  return rest;
}

/** Segments as text for the screen, each style closed; without colour the text alone. */
export function paint(segments: readonly Segment[], colour: boolean): string {
  return segments.map(({ sgr, text }) => (colour && sgr ? `\x1b[${sgr}m${text}\x1b[0m` : text)).join("");
}
