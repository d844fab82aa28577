/**
 * Which rows of a line buffer are on the screen: scrolling in screen rows, wrapping, searching. Only lines in sight are
 * parsed and wrapped, so a buffer of any length costs the same. Pure.
 */
import { dropCells, paint, parseLine, plainText, type Segment, wrapSegments } from "../ansi.ts";
import type { Line, LineBuffer } from "./line-buffer.ts";

/** A screen row: a line's number and which of its wrapped rows. */
export interface Position {
  line: number;
  row: number;
}

export interface PagerLayout {
  width: number;
  height: number;
  wrap: boolean;
  /** Cells cut off at the left. */
  shift: number;
  timestamps: boolean;
  /** One past the last line that may be shown. */
  end: number;
}

function segmentsOf(line: Line, timestamps: boolean): Segment[] {
  const segments = parseLine(line.text);
  if (timestamps && line.time) return [{ sgr: "2", text: `${line.time.replace(/(\.\d{3})\d*/, "$1")} ` }, ...segments];
  return segments;
}

function rowsOf(buffer: LineBuffer, number: number, layout: PagerLayout): Segment[][] {
  const line = buffer.line(number);
  if (!line) return [];
  const segments = segmentsOf(line, layout.timestamps);
  if (layout.wrap) return wrapSegments(segments, layout.width);
  return wrapSegments(layout.shift > 0 ? dropCells(segments, layout.shift) : segments, layout.width, 1);
}

/** The position that puts the last row at the bottom of the screen. */
export function endPosition(buffer: LineBuffer, layout: PagerLayout): Position {
  let left = layout.height;
  for (let number = layout.end - 1; number >= buffer.first; number--) {
    const count = rowsOf(buffer, number, layout).length;
    if (count >= left) return { line: number, row: count - left };
    left -= count;
  }
  return { line: buffer.first, row: 0 };
}

/** Moves by screen rows, at most to the start or to the position where the end is in sight. */
export function scroll(buffer: LineBuffer, from: Position, rows: number, layout: PagerLayout): { top: Position; atEnd: boolean } {
  let { line, row } = from.line < buffer.first ? { line: buffer.first, row: 0 } : from;
  for (let left = rows; left < 0; left++) {
    if (row > 0) row--;
    else if (line > buffer.first) row = Math.max(0, rowsOf(buffer, --line, layout).length - 1);
  }
  const last = endPosition(buffer, layout);
  for (let left = rows; left > 0 && isBefore({ line, row }, last); left--) {
    if (row + 1 < rowsOf(buffer, line, layout).length) row++;
    else [line, row] = [line + 1, 0];
  }
  const atEnd = !isBefore({ line, row }, last);
  return { top: atEnd ? last : { line, row }, atEnd };
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.row < b.row);
}

/** The rows on the screen, ready to draw. */
export function visibleRows(
  buffer: LineBuffer,
  top: Position,
  layout: PagerLayout,
  options: { search: string; colour: boolean },
): string[] {
  const drawn: string[] = [];
  const start = top.line < buffer.first ? { line: buffer.first, row: 0 } : top;
  for (let number = start.line; number < layout.end && drawn.length < layout.height; number++) {
    const rows = rowsOf(buffer, number, layout);
    for (const row of rows.slice(number === start.line ? start.row : 0))
      drawn.push(paint(highlight(row, options.search), options.colour || options.search !== ""));
  }
  return drawn.slice(0, layout.height);
}

/** The next line with the text, in a direction, wrapping around; undefined when there is none. Lower case matches any case. */
export function find(buffer: LineBuffer, search: string, from: number, step: 1 | -1, end: number): number | undefined {
  const count = end - buffer.first;
  const fold = search === search.toLowerCase();
  for (let moved = 1; moved <= count; moved++) {
    const number = buffer.first + ((((from - buffer.first + moved * step) % count) + count) % count);
    const text = plainText(parseLine(buffer.line(number)?.text ?? ""));
    if ((fold ? text.toLowerCase() : text).includes(search)) return number;
  }
  return undefined;
}

/** Marks the matches within one row. */
function highlight(row: Segment[], search: string): Segment[] {
  if (!search) return row;
  const fold = search === search.toLowerCase();
  return row.flatMap(({ sgr, text }) => {
    const parts: Segment[] = [];
    const source = fold ? text.toLowerCase() : text;
    let from = 0;
    for (let at = source.indexOf(search); at >= 0; at = source.indexOf(search, from)) {
      parts.push({ sgr, text: text.slice(from, at) }, { sgr: "7", text: text.slice(at, at + search.length) });
      from = at + search.length;
    }
    return [...parts, { sgr, text: text.slice(from) }].filter((part) => part.text);
  });
}
