/** Column widths of a list for the room there is. Pure. */
import type { ResourceColumn } from "./resources/resource.ts";

/** Blanks between two columns. */
export const gap = 2;

export interface PlacedColumn {
  /** Index in the resource's columns. */
  index: number;
  width: number;
}

/** Columns leave by their `drop` until the least widths fit; the free room is shared by `grow`. */
export function placeColumns(columns: readonly ResourceColumn<never>[], width: number): PlacedColumn[] {
  const least = (column: ResourceColumn<never>) => Math.max(column.min, column.header.trim().length);
  let kept = columns.map((column, index) => ({ column, index }));
  const needed = () => kept.reduce((sum, { column }) => sum + least(column) + gap, -gap);
  while (needed() > width) {
    const highest = Math.max(...kept.map(({ column }) => column.drop ?? 0));
    if (highest === 0) break;
    kept = kept.filter(({ column }) => column.drop !== highest);
  }
  let free = Math.max(0, width - needed());
  let shares = kept.reduce((sum, { column }) => sum + (column.grow ?? 0), 0);
  return kept.map(({ column, index }) => {
    const grow = column.grow ?? 0;
    const extra = shares > 0 ? Math.floor((free * grow) / shares) : 0;
    free -= extra;
    shares -= grow;
    return { index, width: least(column) + extra };
  });
}
