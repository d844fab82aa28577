/** `| where .State == running | sort .Created | first 3 | json .Id`: what is done with rows. Pure. */
import { holds, isOperator, type Operator } from "./condition.ts";
import type { FailAt } from "./plumbing.ts";
import { bare } from "./statement.ts";
import { follow, pathSteps, textOf } from "./value.ts";
import type { Word } from "./words.ts";

/** One comparison of `where`. */
export interface Comparison {
  path: string;
  operator: Operator;
  wanted: Word;
  negated: boolean;
}

export type Filter =
  | { name: "count" | "lines" | "words" }
  | { name: "table"; paths: string[] }
  | { name: "json"; path: string }
  | { name: "first"; count: Word | undefined }
  | { name: "sort"; path: string; isDescending: boolean }
  /** Alternatives of comparisons that must all hold. */
  | { name: "where"; alternatives: Comparison[][] };

/** For completion. */
export const filterNames = ["table", "json", "count", "first", "where", "sort", "lines", "words"];

const isPath = (text: string) => /^\.([A-Za-z_[].*)?$/.test(text);

/** The filter that words behind a | are; undefined for a program of the host, such as sort without a path. */
export function parseFilter(words: readonly Word[], fail: FailAt): Filter | undefined {
  const [head, ...rest] = words as [Word, ...Word[]];
  const name = bare(head);
  const nothingMore = (most: number) => {
    if (rest[most]) throw fail(`${name} takes ${most === 0 ? "nothing" : `${most} word${most > 1 ? "s" : ""}`} at most`, rest[most]);
  };
  switch (name) {
    case "count":
    case "lines":
    case "words":
      nothingMore(0);
      return { name };
    case "first":
      nothingMore(1);
      return { name, count: rest[0] };
    case "json":
      nothingMore(1);
      return { name, path: rest[0] ? pathOf(rest[0], fail) : "." };
    case "table":
      return { name, paths: rest.map((word) => pathOf(word, fail)) };
    case "sort":
      return parseSort(rest, fail, nothingMore);
    case "where":
      if (rest.length === 0) throw fail("where needs a condition such as .State == running", head);
      return { name, alternatives: split(rest, "or").map((each) => split(each, "and").map((one) => comparison(one, head, fail))) };
    default:
      return undefined;
  }
}

function parseSort(rest: Word[], fail: FailAt, nothingMore: (most: number) => void): Filter | undefined {
  if (!isPath(bare(rest[0]))) return undefined;
  nothingMore(2);
  const order = bare(rest[1]);
  if (rest[1] && order !== "asc" && order !== "desc") throw fail("sort knows asc and desc", rest[1]);
  return { name: "sort", path: bare(rest[0]), isDescending: order === "desc" };
}

function pathOf(word: Word, fail: FailAt): string {
  const path = bare(word);
  if (!isPath(path)) throw fail("expected a field such as .State.Running", word, path ? `.${path}` : undefined);
  return path;
}

function split(words: readonly Word[], joint: string): Word[][] {
  const parts: Word[][] = [[]];
  for (const word of words)
    if (bare(word) === joint) parts.push([]);
    else parts.at(-1)!.push(word);
  return parts;
}

function comparison(words: readonly Word[], head: Word, fail: FailAt): Comparison {
  const negated = bare(words[0]) === "not";
  const [path, sign, wanted, more] = negated ? words.slice(1) : words;
  const operator = bare(sign);
  if (!path || !wanted || more || !isOperator(operator))
    throw fail("where needs conditions such as .State == running, joined by and or or", more ?? sign ?? path ?? head);
  return { path: pathOf(path, fail), operator, wanted, negated };
}

/** The words in a filter that may hold variables. */
export function wordsOf(filter: Filter): Word[] {
  if (filter.name === "first") return filter.count ? [filter.count] : [];
  return filter.name === "where" ? filter.alternatives.flat().map(({ wanted }) => wanted) : [];
}

/** What a row has at a path; undefined where there is nothing. */
export function fieldOf(row: unknown, path: string): unknown {
  if (path === ".") return row;
  const found = follow(row, pathSteps(path));
  return "value" in found ? found.value : undefined;
}

/**
 * Applies a filter.
 * @param textOfWord fills in a word of the filter
 * @returns rows, or for count a number
 */
export async function applyFilter(filter: Filter, rows: unknown[], textOfWord: (word: Word) => Promise<string>): Promise<unknown> {
  switch (filter.name) {
    case "count":
      return rows.length;
    case "lines":
      return rows.flatMap((row) => textOf(row).split(/\r?\n/));
    case "words":
      return rows.flatMap((row) => textOf(row).split(/\s+/).filter(Boolean));
    case "first": {
      if (!filter.count) return rows.slice(0, 1);
      const count = await textOfWord(filter.count);
      if (!/^\d+$/.test(count)) throw new TypeError(`first needs a number, not "${count}"`);
      return rows.slice(0, Number(count));
    }
    case "sort": {
      const sign = filter.isDescending ? -1 : 1; // equal ones stay in their order: lists have the newest first, by the second
      return rows.toSorted((one, other) => sign * order(fieldOf(one, filter.path), fieldOf(other, filter.path)));
    }
    case "where":
      return where(filter.alternatives, rows, textOfWord);
    case "json":
      return filter.path === "." ? rows : rows.map((row) => fieldOf(row, filter.path));
    case "table":
      return filter.paths.length === 0
        ? rows
        : rows.map((row) => Object.fromEntries(filter.paths.map((path) => [path.slice(1), fieldOf(row, path)])));
  }
}

async function where(alternatives: Comparison[][], rows: unknown[], textOfWord: (word: Word) => Promise<string>): Promise<unknown[]> {
  const filled = await Promise.all(
    alternatives.map((all) => Promise.all(all.map(async (each) => ({ ...each, text: await textOfWord(each.wanted) })))),
  );
  return rows.filter((row) =>
    filled.some((all) => all.every(({ path, operator, text, negated }) => holds(fieldOf(row, path) ?? "", operator, text) !== negated)),
  );
}

/** Numbers by value, the rest as texts; what has nothing there comes first. */
function order(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  const [a, b] = [textOf(one), textOf(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}
