/** Cells of a small table cut so that ink-table's frame fits: the widest column gives first. Pure. */
import { truncate } from "../../src/format/cells.ts";

/** What ink-table adds: two blanks and one line per column, one line at the end. */
const perColumn = 3;

/** @param width cells for the whole table */
export function shrinkTable(rows: readonly Record<string, string>[], width: number): Record<string, string>[] {
  const keys = Object.keys(rows[0] ?? {});
  const widths = keys.map((key) => Math.max(key.length, ...rows.map((row) => row[key]!.length)));
  const room = Math.max(keys.length * 3, width - keys.length * perColumn - 1);
  while (widths.reduce((sum, each) => sum + each, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= 3) break;
    widths[widest] = widths[widest]! - 1;
  }
  return rows.map((row) => Object.fromEntries(keys.map((key, at) => [truncate(key, widths[at]!), truncate(row[key]!, widths[at]!)])));
}
