/**
 * Docker's text tables: cells at least 10 wide, three blanks between, the last column unpadded (Go's tabwriter with
 * 10, 1, 3; docker compose's own lists have 20 and 3, or 4 and 2). Cells are neutralised here, so no command can forget it. Pure.
 */
import type { Column } from "../commands/command.ts";
import { cellWidth } from "./cells.ts";
import { neutraliseLine } from "./neutral.ts";

/** How far columns stand apart, in cells of the terminal. */
export interface Spacing {
  /** The least width of a column, its padding included. */
  minimum?: number;
  /** Blanks after the widest cell. */
  padding?: number;
}

/** Aligns rows of cells in columns. */
export function alignRows(
  rows: readonly (readonly string[])[],
  { right, minimum = 10, padding = 3 }: Spacing & { right?: readonly boolean[] } = {},
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) {
      if (at < row.length - 1) widths[at] = Math.max(widths[at] ?? minimum, cellWidth(cell) + padding);
    }
  }
  const pad = (cell: string, at: number, length: number) => {
    if (at === length - 1) return cell;
    const blanks = " ".repeat(Math.max(0, widths[at]! - cellWidth(cell)));
    return right?.[at] ? blanks.slice(padding) + cell + " ".repeat(padding) : cell + blanks;
  };
  return rows.map((row) => `${row.map((cell, at) => pad(cell, at, row.length)).join("")}\n`).join("");
}

/** A table of some columns over rows, with or without its header line. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { headless, ...spacing }: Spacing & { headless?: boolean } = {},
): string {
  const shown = columns.filter((column) => !column.hidden);
  const cells = rows.map((row) => shown.map((column) => neutraliseLine(column.value(row))));
  const header = headless ? [] : [shown.map((column) => column.header)];
  return alignRows([...header, ...cells], { ...spacing, right: shown.map((column) => column.align === "right") });
}
