/** The list of a resource as lines: header, then only the rows in sight. Pure. */

import { cellWidth, fill, wrap } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { gap, missingCells, nice, type PlacedColumn, placeColumns } from "../columns.ts";
import { type Group, isGroup } from "../groups.ts";
import { type Action, withKeys } from "../keymap.ts";
import type { Layout } from "../layout.ts";
import { type AnyResource, columnName, resource } from "../resources/index.ts";
import { topFor } from "../selection.ts";
import type { AppState, ListState } from "../state.ts";
import type { Theme, Tone } from "../theme.ts";

type Column = AnyResource["columns"][number];

const between = " ".repeat(gap);
/** Column of the mark, left of the first. */
const margin = 2;

/** The first row in sight. */
export function topRow(list: ListState, rows: number): number {
  return topFor(list.top, list.cursor, list.shown.length, rows);
}

/** The lines of the list, header first, as many as there is room for. */
export function listLines(state: AppState, layout: Layout, theme: Theme, keymap: readonly Action[]): string[] {
  const view = resource(state.resource);
  const list = state.lists[state.resource];
  const placed = place(view, list, state, layout.listWidth - margin - 1);
  const header = theme.paint("title", fill(`${" ".repeat(margin)}${headerText(view, placed, list)}`, layout.listWidth));
  const top = topRow(list, layout.listRows);
  const rows = list.shown
    .slice(top, top + layout.listRows)
    .map((row, at) => rowText(view, row, { state, list, placed, theme, index: top + at, width: layout.listWidth }));
  const body = rows.length > 0 ? rows : emptyLines(view, list, layout.listWidth, theme).map((line) => withKeys(line, keymap));
  return [header, ...body.slice(0, layout.listRows)];
}

/** Indices of the columns that a list shows, where there is room. */
function columnsOf(view: AnyResource, { chosen }: AppState): readonly number[] {
  return chosen[view.id] ?? [...view.columns.keys()].filter((index) => !view.columns[index]!.hidden);
}

function place(view: AnyResource, list: ListState, state: AppState, width: number): ListColumn[] {
  const indices = columnsOf(view, state);
  const [first] = list.rows;
  const sized = (columns: readonly Column[]) => {
    const widths = columns.map((column, at) => naturalWidth(view, column, indices[at]!, list, state));
    return { columns, placed: placeColumns(columns, widths, width, first), missing: missingCells(columns, widths, width, first) };
  };
  const whole = sized(indices.map((index) => view.columns[index]!));
  const short = whole.columns.some((column) => column.short) ? sized(whole.columns.map(shortened)) : whole;
  const { columns, placed } = isBetter(short, whole) ? short : whole;
  return placed.map(({ index, width: cells }) => ({ index: indices[index]!, width: cells, value: columns[index]!.value }));
}

interface Sized {
  columns: readonly Column[];
  placed: readonly PlacedColumn[];
  missing: number;
}

/** Fewer cells are cut, or there is room for one more of what is nearest to being needed (the image of a container). */
function isBetter(short: Sized, whole: Sized): boolean {
  if (short.missing !== whole.missing) return short.missing < whole.missing;
  const count = ({ columns, placed }: Sized) => placed.filter(({ index }) => (columns[index]!.drop ?? 0) <= nice).length;
  return count(short) > count(whole);
}

/** A column on the screen, and what it says of a row. */
type ListColumn = PlacedColumn & Pick<Column, "value">;

function shortened(column: Column): Column {
  const { short } = column;
  return short ? { ...column, ...short } : column;
}

const measured = new WeakMap<object, Map<Column["value"], number>>();
/** Rows whose content decides the widths, spread over the list. */
const sample = 200;

/** Rows of groups stand behind this. */
const indent = "  ";

/** The column that says which group a row is. */
const titleColumn = (view: AnyResource) => view.columns.findIndex((column) => columnName(column) === "name");

const titleOf = ({ value, rows }: Group) => `${neutraliseLine(value)} (${rows.length})`;

/** Width of a column's widest content; measured once for each change of the rows, so that scrolling moves nothing. */
function naturalWidth(view: AnyResource, column: Column, index: number, list: ListState, { now, usage, progress }: AppState): number {
  const widths = measured.get(list.rows) ?? new Map<Column["value"], number>();
  measured.set(list.rows, widths);
  let width = widths.get(column.value);
  if (width === undefined) {
    const step = Math.max(1, Math.floor(list.rows.length / sample));
    const rows = list.rows.filter((_, at) => at % step === 0);
    width = Math.max(0, ...rows.map((row) => cellWidth(neutraliseLine(column.value(row, now, usage, progress)))));
    widths.set(column.value, width);
  }
  if (list.group === undefined) return width;
  const groups = list.shown.filter(isGroup);
  if (index === titleColumn(view)) return indent.length + Math.max(width, ...groups.map((group) => cellWidth(titleOf(group))));
  return Math.max(width, ...groups.map(({ rows }) => cellWidth(column.sum?.(rows, usage) ?? "")));
}

function headerText(view: AnyResource, placed: readonly PlacedColumn[], list: ListState): string {
  return placed
    .map(({ index, width }) => {
      const { header, align } = view.columns[index]!;
      const arrow = list.sort === index ? (list.descending ? "↑" : "↓") : "";
      return fill(header.trim() + arrow, width, align);
    })
    .join(between);
}

interface RowPlace {
  state: AppState;
  list: ListState;
  placed: readonly ListColumn[];
  theme: Theme;
  index: number;
  width: number;
}

function rowText(view: AnyResource, row: unknown, { state, list, placed, theme, index, width }: RowPlace): string {
  const marked = (isGroup(row) ? row.rows : [row]).every((each) => list.marked.has(view.identify(each)));
  const mark = marked ? "◆ " : "  ";
  const texts = placed.map((column) => {
    const { text, tone } = isGroup(row)
      ? groupCell(view, column.index, row, { state, placed })
      : cellOf(view, column, row, { state, list });
    return { text: fill(text, column.width, view.columns[column.index]!.align), tone };
  });
  // The keyboard may be in the tree beside it.
  if (index === list.cursor)
    return theme.paint(state.view === "tree" ? "strong" : "selected", fill(mark + texts.map((cell) => cell.text).join(between), width));
  return (
    (marked ? theme.paint("marked", mark) : mark) + texts.map((cell) => theme.paint(marked ? "marked" : cell.tone, cell.text)).join(between)
  );
}

interface Cell {
  text: string;
  tone: Tone;
}

function cellOf(
  view: AnyResource,
  { index: at, value }: ListColumn,
  row: unknown,
  { state, list }: Pick<RowPlace, "state" | "list">,
): Cell {
  const column = view.columns[at]!;
  const text = neutraliseLine(value(row, state.now, state.usage, state.progress));
  const isBelow = list.group !== undefined && at === titleColumn(view) && view.labels?.(row)[list.group] !== undefined;
  return { text: isBelow ? indent + text : text, tone: column.tone?.(row, state.progress) ?? "plain" };
}

/** What a column says of a group: its name, whether it is folded, the sum of its rows. */
function groupCell(view: AnyResource, at: number, group: Group, { state, placed }: Pick<RowPlace, "state" | "placed">): Cell {
  const column = view.columns[at]!;
  const sign = group.isFolded ? "▸" : "▾";
  const hasSigns = placed.some(({ index }) => view.columns[index]!.name === "symbol");
  if (at === titleColumn(view)) return { text: hasSigns ? titleOf(group) : `${sign} ${titleOf(group)}`, tone: "strong" };
  if (column.name === "symbol") return { text: sign, tone: "accent" };
  return { text: column.sum?.(group.rows, state.usage) ?? "", tone: "dim" };
}

/** Why there is nothing to see, and what to do about it. */
function emptyLines(view: AnyResource, list: ListState, width: number, theme: Theme): string[] {
  const aside = (text: string) => `${indent}${text}`;
  if (!list.loaded) return ["", aside(theme.paint("dim", "loading …"))];
  if (list.error) {
    const lines = [...wrap(list.error.message, width - 4), ...wrap(`hint: ${list.error.hint}`, width - 4)];
    return ["", ...lines.map((line) => aside(theme.paint("bad", neutraliseLine(line))))];
  }
  if (list.filter && list.rows.length > 0)
    return ["", aside(theme.paint("dim", `nothing matches "${neutraliseLine(list.filter)}": <list.clear> clears the filter`))];
  return ["", ...view.empty.map((line, at) => aside(theme.paint(at === 0 ? "strong" : "dim", line)))];
}
