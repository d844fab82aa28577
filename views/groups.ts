/** Lists folded by a label: rows with the same value stand together, below a row that stands for all of them. Pure. */
import type { AnyResource } from "./resources/index.ts";
import { columnName, type DetailSection } from "./resources/resource.ts";

/** The label that most people group by, and what they may call it. */
const projectLabel = "com.docker.compose.project";
export const labelOf = (name: string): string => (name === "project" ? projectLabel : name);

/** Stands for all rows with a value of a label. */
export class Group {
  readonly value: string;
  readonly rows: readonly unknown[];
  /** Its rows do not show. */
  readonly isFolded: boolean;

  constructor(value: string, rows: readonly unknown[], isFolded: boolean) {
    this.value = value;
    this.rows = rows;
    this.isFolded = isFolded;
  }
}

export const isGroup = (row: unknown): row is Group => row instanceof Group;

/** Of a row or a group: stable over reloads. No object's identity has a blank. */
export function identityOf(view: AnyResource, row: unknown): string {
  return isGroup(row) ? `group ${row.value}` : view.identify(row);
}

/** Rows in groups by the value of a label, in the order of the values; those without it come last, by themselves. */
export function grouped(view: AnyResource, rows: readonly unknown[], label: string, folded: ReadonlySet<string>): unknown[] {
  const byValue = Map.groupBy(rows, (row) => view.labels?.(row)[label]);
  const values = [...byValue.keys()].filter((value) => value !== undefined).sort();
  const groups = values.flatMap((value) => {
    const isFolded = folded.has(value);
    const members = byValue.get(value)!;
    return [new Group(value, members, isFolded), ...(isFolded ? [] : members)];
  });
  return [...groups, ...(byValue.get(undefined) ?? [])];
}

/** Columns that the details of a group show of its rows. */
const shown = 3;

/** What is said of a group beside the list: its rows. */
export function membersOf(view: AnyResource, { rows }: Group, now: number): DetailSection[] {
  const columns = view.columns.filter(({ hidden, only, name }) => !hidden && !only && name !== "symbol").slice(0, shown);
  const cells = (row: unknown) => columns.map((column) => [columnName(column), column.value(row, now, new Map(), new Map())]);
  return [{ kind: "table", title: "", rows: rows.map((row) => Object.fromEntries(cells(row)) as Record<string, string>) }];
}

/** The objects of what a list shows, those of folded groups, too; each once. */
export function objectsOf(shown: readonly unknown[]): unknown[] {
  return shown.flatMap((row) => (isGroup(row) ? (row.isFolded ? row.rows : []) : [row]));
}

/** The value of the group that a row shows in. */
export function groupAt(shown: readonly unknown[], row: unknown): string | undefined {
  if (isGroup(row)) return row.value;
  return shown.find((each): each is Group => isGroup(each) && each.rows.includes(row))?.value;
}

/** Labels that rows have, and how many values each. */
export function labelsOf(view: AnyResource, rows: readonly unknown[]): { label: string; values: number }[] {
  const all = new Map<string, Set<string>>();
  for (const row of rows)
    for (const [label, value] of Object.entries(view.labels?.(row) ?? {})) all.set(label, (all.get(label) ?? new Set()).add(value));
  return [...all].map(([label, values]) => ({ label, values: values.size })).sort((a, b) => (a.label < b.label ? -1 : 1));
}
