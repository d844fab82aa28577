/** Column widths of a list for the room there is. Pure. */
import type { ResourceColumn } from "./resources/resource.ts";

/** Blanks between two columns. */
export const gap = 2;

export interface PlacedColumn {
  /** Index in the resource's columns. */
  index: number;
  width: number;
}

/**
 * Columns leave by their `drop` until the least widths fit. The free room goes first to those whose content wants more,
 * what is left is shared by `grow`.
 * @param natural width of each column's widest content
 * @param first a row of the list: some columns are only there for some lists
 */
export function placeColumns(
  columns: readonly ResourceColumn<never>[],
  natural: readonly number[],
  width: number,
  first?: unknown,
): PlacedColumn[] {
  let kept = columns.map((column, index) => placed(column, index, natural[index] ?? 0)).filter(({ column }) => !isAbsent(column, first));
  const needed = () => kept.reduce((sum, { width: least }) => sum + least + gap, -gap);
  // What is only nice to have leaves before others are cut.
  for (let last = leastWanted(kept); last && comfort(kept, last) > width; last = leastWanted(kept))
    kept = kept.filter(({ column }) => column.drop !== last!.column.drop);
  while (needed() > width) {
    const highest = Math.max(...kept.map(({ column }) => column.drop ?? 0));
    if (highest === 0) break;
    kept = kept.filter(({ column }) => column.drop !== highest);
  }
  shrink(kept, needed() - width);
  // What says which row it is, then what it does, before the rest.
  for (const grow of new Set(kept.map(growthOf).sort((a, b) => b - a)))
    share(kept, Math.max(0, width - needed()), (each) =>
      growthOf(each) === grow ? Math.max(0, Math.min(each.wanted, enough) - each.width) : 0,
    );
  share(kept, Math.max(0, width - needed()), (each) => Math.max(0, each.wanted - each.width));
  share(kept, Math.max(0, width - needed()), (each) => each.column.grow ?? 0, true);
  return kept.map(({ index, width: cells }) => ({ index, width: cells }));
}

/** Cells that columns lack which are more than nice to have. */
export function missingCells(
  columns: readonly ResourceColumn<never>[],
  natural: readonly number[],
  width: number,
  first?: unknown,
): number {
  const shown = new Map(placeColumns(columns, natural, width, first).map(({ index, width: cells }) => [index, cells]));
  return columns.reduce((sum, column, at) => {
    if ((column.drop ?? 0) >= nice || isAbsent(column, first)) return sum;
    return sum + Math.max(0, Math.min(placed(column, at, natural[at] ?? 0).wanted, enough) - (shown.get(at) ?? 0));
  }, 0);
}

const isAbsent = ({ only }: ResourceColumn<never>, first: unknown) => only !== undefined && !(first !== undefined && only(first as never));

/** Of those that never leave; the others have none. */
const growthOf = ({ column: { drop, grow = 0 } }: Candidate) => (drop ? -1 : grow);

/** Columns from this `drop` on are nice to have. */
export const nice = 4;
/** Cells that a column may want before others are cut for it. */
const enough = 32;

function leastWanted(columns: readonly Candidate[]): Candidate | undefined {
  const found = columns.reduce((a, b) => ((b.column.drop ?? 0) > (a.column.drop ?? 0) ? b : a));
  return (found.column.drop ?? 0) >= nice ? found : undefined;
}

/** Cells needed when all but the nicest to have show what they hold. */
function comfort(columns: readonly Candidate[], last: Candidate): number {
  const cells = ({ column, width, wanted }: Candidate) =>
    column.drop === last.column.drop ? width : Math.max(width, Math.min(wanted, enough));
  return columns.reduce((sum, each) => sum + cells(each) + gap, -gap);
}

interface Candidate extends PlacedColumn {
  column: ResourceColumn<never>;
  wanted: number;
}

/** A column at its least width: its `min`, or less when header and content need less. */
function placed(column: ResourceColumn<never>, index: number, content: number): Candidate {
  const wanted = Math.max(column.header.trim().length + 1, content, column.content ?? 0);
  return { column, index, wanted, width: column.align ? column.min : Math.min(column.min, Math.max(wanted, 1)) };
}

/** Takes cells that are missing from the widest column, again and again: nothing is left that may leave. */
function shrink(columns: Candidate[], missing: number): void {
  for (let left = missing; left > 0; left--) {
    const widest = columns.reduce((a, b) => (b.width > a.width ? b : a));
    if (widest.width > 1) widest.width--;
  }
}

/** Gives the free cells away in proportion to the weights; unless `all`, nobody gets more than its weight. */
function share(columns: Candidate[], free: number, weight: (column: Candidate) => number, all = false): void {
  const weights = columns.map(weight);
  let sum = weights.reduce((total, each) => total + each, 0);
  let left = all ? free : Math.min(free, sum);
  for (const [at, column] of columns.entries()) {
    if (sum === 0) return;
    const extra = Math.floor((left * weights[at]!) / sum);
    column.width += extra;
    left -= extra;
    sum -= weights[at]!;
  }
}
