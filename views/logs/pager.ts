/**
 * Which rows of lines are on the screen: scrolling in screen rows, wrapping, looks. Only lines in sight are parsed and wrapped, so
 * a source of any length costs the same. Pure.
 */
import { dropCells, paint, plainText, restyle, type Segment, wrapSegments } from "../ansi.ts";
import type { Line, LineSource } from "./line-source.ts";
import { type Look, rowsOfLine } from "./look.ts";

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
  look: Look;
}

/** Colours of names, where several containers write. */
const nameColours = ["36", "33", "35", "32", "34", "31"];

/** What stands before a line's text. */
function headOf({ time, from }: Line, timestamps: boolean): Segment[] {
  return [
    ...(timestamps && time ? [{ sgr: "2", text: `${time.replace(/(\.\d{3})\d*/, "$1")} ` }] : []),
    ...(from ? [{ sgr: nameColours[from.colour % nameColours.length]!, text: `${from.name} │ ` }] : []),
  ];
}

/** The rows of a line before they are wrapped or cut. */
export function wholeRows(source: LineSource, at: number, layout: Pick<PagerLayout, "look" | "timestamps">): Segment[][] {
  const line = source.line(at);
  if (!line) return [];
  const [first = [], ...rest] = rowsOfLine(line.text, layout.look);
  return [
    ...(line.before === undefined ? [] : [[{ sgr: "2", text: line.before }]]),
    [...headOf(line, layout.timestamps), ...first],
    ...rest,
  ];
}

function rowsOf(source: LineSource, at: number, layout: PagerLayout): Segment[][] {
  return wholeRows(source, at, layout).flatMap((segments) => {
    if (layout.wrap) return wrapSegments(segments, layout.width);
    return wrapSegments(layout.shift > 0 ? dropCells(segments, layout.shift) : segments, layout.width, 1);
  });
}

/** The position that puts the last row at the bottom of the screen. */
export function endPosition(source: LineSource, layout: PagerLayout): Position {
  let left = layout.height;
  for (let at = source.previous(layout.end); at !== undefined; at = source.previous(at)) {
    const count = rowsOf(source, at, layout).length;
    if (count >= left) return { line: at, row: count - left };
    left -= count;
  }
  return { line: source.first, row: 0 };
}

/** Moves by screen rows, at most to the start or to the position where the end is in sight. */
export function scroll(source: LineSource, from: Position, rows: number, layout: PagerLayout): { top: Position; atEnd: boolean } {
  let { line, row } = from.line < source.first ? { line: source.first, row: 0 } : from;
  for (let left = rows; left < 0; left++) {
    const before = row > 0 ? undefined : source.previous(line);
    if (row > 0) row--;
    else if (before === undefined) break;
    else [line, row] = [before, Math.max(0, rowsOf(source, before, layout).length - 1)];
  }
  const last = endPosition(source, layout);
  for (let left = rows; left > 0 && isBefore({ line, row }, last); left--) {
    if (row + 1 < rowsOf(source, line, layout).length) row++;
    else [line, row] = [source.next(line), 0];
  }
  const atEnd = !isBefore({ line, row }, last);
  return { top: atEnd ? last : { line, row }, atEnd };
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.row < b.row);
}

/** What a line in sight has on top of its look. */
export interface Marks {
  /** What was searched for. */
  search?: RegExp | undefined;
  /** Places of the lines that are selected: from and to, both with it; of a rectangle, the cells of each. */
  selected?: { from: number; to: number; columns?: { from: number; to: number } | undefined } | undefined;
}

/** The rows on the screen, ready to draw, and the places of their lines. */
export function visibleRows(source: LineSource, top: Position, layout: PagerLayout, marks: Marks): { text: string; line: number }[] {
  const drawn: { text: string; line: number }[] = [];
  const { search, selected } = marks;
  const found = search && new RegExp(search, `${search.flags}g`);
  const colour = layout.look.colour || found !== undefined || selected !== undefined;
  const start = top.line < source.first ? { line: source.first, row: 0 } : top;
  for (let at = start.line; at < layout.end && drawn.length < layout.height; at = source.next(at)) {
    const isSelected = selected !== undefined && at >= selected.from && at <= selected.to;
    for (const row of rowsOf(source, at, layout).slice(at === start.line ? start.row : 0)) {
      const segments = found ? restyle(row, found, "7") : row;
      const shown = isSelected ? reversed(segments, selected.columns, layout) : segments;
      drawn.push({ text: paint(shown, colour), line: at });
    }
  }
  return drawn.slice(0, layout.height);
}

/** A selected row: all of it, or what a rectangle has of it, which reaches beyond its end. */
function reversed(segments: Segment[], columns: { from: number; to: number } | undefined, { shift, width }: PagerLayout): Segment[] {
  const inverse = (of: readonly Segment[]): Segment => ({ sgr: "7", text: plainText(of) || " " });
  if (!columns) return [inverse(segments)];
  const from = Math.max(0, columns.from - shift);
  const to = Math.min(width - 1, columns.to - shift);
  if (to < from) return segments;
  const padded = [...segments, { sgr: "", text: " ".repeat(width) }];
  const cut = (of: readonly Segment[], cells: number) => (cells > 0 ? (wrapSegments(of, cells, 1)[0] ?? []) : []);
  const after = dropCells(padded, to + 1);
  return [...cut(padded, from), inverse(cut(dropCells(padded, from), to - from + 1)), ...cut(after, width - to - 1)];
}

/** The smaller one first. */
export function inOrder({ from, to }: { from: number; to: number }): { from: number; to: number } {
  return { from: Math.min(from, to), to: Math.max(from, to) };
}

/** What a rectangle has of a row, without blanks at its end. */
export function cellsOf(segments: readonly Segment[], { from, to }: { from: number; to: number }): string {
  return plainText(wrapSegments(dropCells(segments, from), to - from + 1, 1)[0] ?? []).trimEnd();
}
