/** How one list of lines differs from another. Pure. */

export interface LineChange {
  kind: " " | "-" | "+";
  line: string;
}

/** Lines of context around a change. */
const context = 2;

/** The shortest way from some lines to others (longest common subsequence), with a little of what is the same around it. */
export function lineDiff(before: readonly string[], after: readonly string[]): LineChange[] {
  const all = changes(before, after);
  const isNear = (at: number) => all.slice(Math.max(0, at - context), at + context + 1).some(({ kind }) => kind !== " ");
  return all.filter((_, at) => isNear(at));
}

function changes(before: readonly string[], after: readonly string[]): LineChange[] {
  const common = commonLengths(before, after);
  const list: LineChange[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    if (row < before.length && column < after.length && before[row] === after[column]) {
      list.push({ kind: " ", line: before[row]! });
      row++;
      column++;
    } else if (row < before.length && (column >= after.length || common[row + 1]![column]! >= common[row]![column + 1]!))
      list.push({ kind: "-", line: before[row++]! });
    else list.push({ kind: "+", line: after[column++]! });
  }
  return list;
}

/** [i][j]: how many lines are common to what is left from i, and from j. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      lengths[row]![column] =
        before[row] === after[column]
          ? lengths[row + 1]![column + 1]! + 1
          : Math.max(lengths[row + 1]![column]!, lengths[row]![column + 1]!);
  return lengths;
}
