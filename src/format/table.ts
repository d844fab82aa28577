/**
 * Docker's text tables: cells at least 10 wide, three blanks between, the last column unpadded (Go's tabwriter with
 * 10, 1, 3). Cells are neutralised here, so no command can forget it. Pure.
 */
import type { Column } from "../commands/command.ts";
import { cellWidth } from "./cells.ts";
import { neutraliseLine } from "./neutral.ts";

const minimum = 10;
const padding = 3;

/** Aligns rows of cells in columns. */
export function alignRows(rows: readonly (readonly string[])[], options: { right?: readonly boolean[]; minimum?: number } = {}): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) {
      if (at < row.length - 1) widths[at] = Math.max(widths[at] ?? options.minimum ?? minimum, cellWidth(cell) + padding);
    }
  }
  const lines = rows.map((row) => row.map((cell, at) => pad(cell, at, row.length, widths, options.right)).join(""));
  return lines.map((line) => `${line}\n`).join("");
}

function pad(cell: string, at: number, length: number, widths: number[], right: readonly boolean[] | undefined): string {
  if (at === length - 1) return cell;
  const blanks = " ".repeat(Math.max(0, widths[at]! - cellWidth(cell)));
  return right?.[at] ? blanks.slice(padding) + cell + " ".repeat(padding) : cell + blanks;
}

/** A table of some columns over rows, with or without its header line. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: { headless?: boolean } = {}): string {
  const shown = columns.filter((column) => !column.hidden);
  const cells = rows.map((row) => shown.map((column) => neutraliseLine(column.value(row))));
  const header = options.headless ? [] : [shown.map((column) => column.header)];
  return alignRows([...header, ...cells], { right: shown.map((column) => column.align === "right") });
}
