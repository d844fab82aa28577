/** What Tab adds, and the candidates below the line. Pure. */
import { cellWidth } from "../../format/cells.ts";
import { neutraliseLine } from "../../format/neutral.ts";

/** Rows of candidates; more are counted. */
const mostRows = 8;

/** What is typed for a word: as much as all candidates have in common; and a blank behind the only one, unless it goes on. */
export function completion(before: string, word: string, candidates: readonly string[]): { insert: string } {
  const [first, ...others] = candidates;
  // What is quoted or escaped is not the word as it is written.
  if (first === undefined || !before.endsWith(word)) return { insert: "" };
  const common = others.reduce(sharedStart, first);
  const isInText = word.startsWith("$") && (before.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1;
  const isWhole = others.length === 0 && !isInText && !/[/=:.{@]$|^\$\{/.test(first);
  return { insert: quotedEnd(common.slice(word.length), word) + (isWhole ? " " : "") };
}

function sharedStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return one.slice(0, length);
}

/** In a bare word, what has a meaning is escaped. */
function quotedEnd(text: string, word: string): string {
  return word.startsWith("$") ? text : text.replace(/[\s'"\\;#|<>]/g, "\\$&");
}

/** Candidates in columns, as many as there is room for. */
export function inColumns(candidates: readonly string[], columns: number): string[] {
  const names = candidates.map(neutraliseLine);
  const width = Math.min(columns, Math.max(...names.map(cellWidth)) + 2);
  const across = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(names.length / across);
  const lines = Array.from({ length: Math.min(rows, mostRows) }, (_, row) =>
    Array.from({ length: across }, (_, column) => names[row + column * rows] ?? "")
      .map((name) => name + " ".repeat(Math.max(0, width - cellWidth(name))))
      .join("")
      .trimEnd(),
  );
  return rows > mostRows ? [...lines, `… ${names.length} in all`] : lines;
}
