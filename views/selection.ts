/** Filter, order and cursor of a list. Pure: ten thousand rows are handled per key, the screen's few are drawn. */

import { grouped, identityOf, isGroup } from "./groups.ts";
import type { AnyResource } from "./resources/index.ts";
import { columnName } from "./resources/resource.ts";
import type { ListState } from "./state.ts";
import type { Usage } from "./usage.ts";

/** Does a haystack hold every word of the filter? `!word` excludes; letters may be scattered ("wbsrv" finds "web-server"). */
export function matches(haystack: string, filter: string): boolean {
  return filter
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => (word.startsWith("!") ? word.length === 1 || !haystack.includes(word.slice(1)) : haystack.includes(word)));
}

/** Letters of `word` in order, not necessarily adjacent. */
function scattered(text: string, word: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

const haystacks = new WeakMap<object, string>();

function haystackOf(resource: AnyResource, row: unknown): string {
  let known = haystacks.get(row as object);
  if (known === undefined) haystacks.set(row as object, (known = resource.haystack(row)));
  return known;
}

/** `state:running` and `!health:healthy`: words of the filter that look in one field, as tests; the other words as they are. */
function fieldTests(resource: AnyResource, filter: string): { tests: ((row: unknown) => boolean)[]; words: string } {
  const tests: ((row: unknown) => boolean)[] = [];
  const words = filter.split(/\s+/).filter((word) => {
    const [, not, name = "", text = ""] = /^(!?)([a-z]+):(.*)$/.exec(word.toLowerCase()) ?? [];
    const field = name === "" ? undefined : fieldOf(resource, name);
    // Where a word begins: "healthy" is not to find the unhealthy.
    const pattern = new RegExp(`(?<![a-z0-9])${text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}`);
    if (field && text) tests.push((row) => pattern.test(field(row).toLowerCase()) === (not === ""));
    return !field;
  });
  return { tests, words: words.join(" ") };
}

/** What a list's own field, its labels or a column says of a row; undefined where there is none of that name. */
function fieldOf({ fields = {}, columns, labels }: AnyResource, name: string): ((row: unknown) => string) | undefined {
  if (Object.hasOwn(fields, name)) return fields[name];
  if (name === "label" && labels) return (row) => labelsText(labels(row));
  const column = columns.find((each) => columnName(each) === name);
  return column && ((row) => column.value(row, Date.now(), new Map(), new Map()));
}

const labelsText = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

function filtered(resource: AnyResource, all: readonly unknown[], typed: string): readonly unknown[] {
  const { tests, words: filter } = fieldTests(resource, typed);
  const rows = tests.length > 0 ? all.filter((row) => tests.every((test) => test(row))) : all;
  if (!filter.trim()) return rows;
  const found = rows.filter((row) => matches(haystackOf(resource, row), filter));
  if (found.length > 0 || filter.includes("!")) return found;
  const letters = filter.toLowerCase().replace(/\s+/g, "");
  return rows.filter((row) => scattered(resource.name(row).toLowerCase(), letters));
}

type Usages = ReadonlyMap<string, Usage>;

function sorted(
  resource: AnyResource,
  rows: readonly unknown[],
  list: Pick<ListState, "sort" | "descending">,
  usages: Usages,
): readonly unknown[] {
  const { sort, ranks } = (list.sort === undefined ? undefined : resource.columns[list.sort]) ?? {};
  const rank = (row: unknown) => {
    const usage = usages.get(resource.identify(row));
    return usage ? -ranks!(usage, row) : 0; // what is not measured comes last
  };
  const key = sort ?? (ranks && rank);
  if (!key) return rows;
  const sign = list.descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  keyed.sort((a, b) => sign * (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ row }) => row);
}

/** The list after a change of its rows, filter or order; the cursor stays on its row, or as near as it can. */
export function arrange(resource: AnyResource, list: ListState, change: Partial<ListState>, usages: Usages = new Map()): ListState {
  const next = { ...list, ...change };
  const under = list.shown[list.cursor];
  const rows = sorted(resource, filtered(resource, next.rows, next.filter), next, usages);
  const shown = next.group === undefined ? rows : grouped(resource, rows, next.group, next.folded);
  const id = under === undefined ? undefined : identityOf(resource, under);
  const staysFirst = resource.newestFirst && list.cursor === 0 && next.sort === undefined;
  const found = staysFirst ? 0 : id === undefined ? -1 : shown.findIndex((row) => identityOf(resource, row) === id);
  const cursor = found >= 0 ? found : Math.max(0, Math.min(list.cursor, shown.length - 1));
  const alive = next.marked.size > 0 ? new Set(next.rows.map((row) => resource.identify(row))) : undefined;
  const marked = alive ? new Set([...next.marked].filter((each) => alive.has(each))) : next.marked;
  return { ...next, shown, cursor, marked };
}

/** Moves the cursor and keeps it on the screen of `height` rows. */
export function moveTo(list: ListState, cursor: number, height: number): ListState {
  const clamped = Math.max(0, Math.min(cursor, list.shown.length - 1));
  return { ...list, cursor: clamped, top: topFor(list.top, clamped, list.shown.length, height) };
}

/** The first row on the screen: as it was, unless the cursor would be outside or rows below would be missing. */
export function topFor(top: number, cursor: number, count: number, height: number): number {
  const highest = Math.max(0, count - height);
  return Math.max(0, Math.min(highest, Math.max(Math.min(top, cursor), cursor - height + 1)));
}

/** The marked rows, or the one under the cursor: of a group, all of its rows. */
export function targets(resource: AnyResource, list: ListState): unknown[] {
  if (list.marked.size > 0) return list.rows.filter((row) => list.marked.has(resource.identify(row)));
  const row = list.shown[list.cursor];
  if (row === undefined) return [];
  return isGroup(row) ? [...row.rows] : [row];
}

/** Names of what the words of a filter were found in, for one row: "name", "label", or "name, letters apart". */
export function foundIn(resource: AnyResource, row: unknown, typedFilter: string, value: (column: number) => string): string[] {
  const words = fieldTests(resource, typedFilter)
    .words.toLowerCase()
    .split(/\s+/)
    .filter((word) => word && !word.startsWith("!"));
  const columns = resource.columns.map((column, at) => [columnName(column), () => value(at)] as const);
  const fields = Object.entries(resource.fields ?? {}).map(([name, text]) => [name, () => text(row)] as const);
  const labels = ["label", () => labelsText(resource.labels?.(row) ?? {})] as const;
  const sources = [["name", () => resource.name(row)] as const, ...columns, ...fields, labels];
  const found = words.map((word) => sources.find(([, text]) => text().toLowerCase().includes(word))?.[0]);
  if (words.length > 0 && found.every((name) => name === undefined)) return ["name, letters apart"];
  return [...new Set(found.filter((name) => name !== undefined))];
}

/** The first sort key. */
export function firstSort(resource: AnyResource): number | undefined {
  const at = resource.columns.findIndex((column) => column.sort);
  return at < 0 ? undefined : at;
}
