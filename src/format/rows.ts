/** `--format` of list commands: `json`, a template per row, or `table TEMPLATE` with headers. Pure. */
import type { Column } from "../commands/command.ts";
import { neutralise, neutraliseJson, neutraliseLine } from "./neutral.ts";
import { alignRows } from "./table.ts";
import { rowOf } from "./template/go-shape.ts";
import { compileTemplate } from "./template/index.ts";

type Methods = Record<string, (row: never, ...args: string[]) => unknown>;

interface RowsOptions {
  headless?: boolean;
  methods?: Methods;
}

/** The fields of a row under the names that templates use. */
export function fieldsOf(columns: readonly Column<unknown>[], row: unknown, methods: Methods = {}): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const column of columns) fields[column.field] = column.typed ? column.typed(row) : column.value(row);
  for (const [name, method] of Object.entries(methods)) fields[name] = (...args: string[]) => method(row as never, ...args);
  return rowOf(fields);
}

/** In the header line a function gives its argument back: `{{lower .Names}}` heads as NAMES. */
const headerFunctions = {
  json: (value: unknown) => value,
  split: (value: unknown) => [value],
  join: (value: unknown) => (Array.isArray(value) ? value[0] : value),
  title: (value: unknown) => value,
  lower: (value: unknown) => value,
  upper: (value: unknown) => value,
  truncate: (value: unknown) => value,
  pad: (value: unknown) => value,
};

const tableFormat = /^table\s+/;

/** The template of a format: what follows "table". docker takes `\t` and `\n` in it, as the shell does not. */
export function templateOf(format: string): string {
  return format.replace(tableFormat, "").replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}

/** The text of a list for the user's format. @throws EngineError located in the template */
export function renderTemplateRows(
  format: string,
  columns: readonly Column<unknown>[],
  rows: readonly unknown[],
  options: RowsOptions = {},
): string {
  if (format === "json") return rows.map((row) => `${neutraliseJson(JSON.stringify(fieldsOf(columns, row)))}\n`).join("");
  const source = templateOf(format);
  const template = compileTemplate(source);
  const lines = rows.map((row) => template(fieldsOf(columns, row, options.methods)));
  if (!tableFormat.test(format)) return lines.map((line) => `${neutralise(line)}\n`).join("");
  const heads: Record<string, unknown> = Object.fromEntries(columns.map((column) => [column.field, column.header]));
  for (const name of Object.keys(options.methods ?? {})) heads[name] = (argument: string) => argument;
  const header = options.headless ? [] : [compileTemplate(source, headerFunctions)(heads)];
  return alignRows([...header, ...lines].map((line) => line.split("\t").map(neutraliseLine)));
}

/** A row without content. */
export function blankRow(columns: readonly Column<unknown>[], methods: Methods = {}): object {
  const names = columns.map(({ field }) => [field, ""] as const);
  const calls = Object.keys(methods).map((name) => [name, () => ""] as const);
  return rowOf(Object.fromEntries<unknown>([...names, ...calls]));
}
