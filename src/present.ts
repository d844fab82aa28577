/**
 * Results as text: turns what a command's `present` describes into what docker would print, or into JSON lines. Pure
 * but for loading the template engine when a template is given.
 */
import type { Column, Command, Input, Presentation } from "./commands/command.ts";
import { neutralise, neutraliseJson, neutraliseLine } from "./format/neutral.ts";
import { renderTable } from "./format/table.ts";

export interface PresentOptions {
  /** JSON lines instead of docker's text. */
  json?: boolean;
  /** A person reads it on a terminal: values in a template's text are neutralised there, and exact for a script. */
  terminal?: boolean;
}

type Table = Extract<Presentation, { kind: "table" }>;

/** The text for a presentation. */
export async function present(presentation: Presentation, options: PresentOptions = {}): Promise<string> {
  switch (presentation.kind) {
    case "none":
      return "";
    case "lines":
      return presentation.lines.map((line) => `${neutraliseLine(line)}\n`).join("");
    case "text":
      return presentation.text === "" || presentation.text.endsWith("\n") ? presentation.text : `${presentation.text}\n`;
    case "json":
      return presentValues(presentation, options);
    case "table":
      return options.json ? jsonLines(presentation.rows) : presentTable(presentation);
  }
}

function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${neutraliseJson(JSON.stringify(value) ?? "null")}\n`).join("");
}

async function presentValues({ values, format, shape }: Extract<Presentation, { kind: "json" }>, options: PresentOptions): Promise<string> {
  if (format && format !== "json") {
    const { compileTemplate } = await import("./format/template/index.ts");
    const template = compileTemplate(format);
    const { asGo } = await import("./format/template/go-shape.ts");
    const text = values.map((value) => `${template(asGo(value, shape?.(value)))}\n`).join("");
    return options.terminal ? neutralise(text) : text || "\n"; // docker ends a line even where nothing was found
  }
  if (options.json || format === "json") return jsonLines(values);
  return `${indentJson(values)}\n`;
}

/** Go's json.MarshalIndent with four blanks, as `docker inspect` prints. */
function indentJson(value: unknown): string {
  return neutraliseJson(JSON.stringify(value, undefined, 4));
}

async function presentTable(table: Table): Promise<string> {
  const columns = table.columns as Column<unknown>[];
  if (table.quiet && !table.format) {
    const key = columns.find((column) => column.field === table.key) ?? columns[0];
    return table.rows.map((row) => `${neutraliseLine(key?.value(row) ?? "")}\n`).join("");
  }
  if (!table.format || table.format === "table") return renderTable(columns, table.rows, { headless: table.headless, ...table.spacing });
  const { renderTemplateRows } = await import("./format/rows.ts");
  return renderTemplateRows((table.format === "raw" && table.raw) || table.format, columns, table.rows, {
    headless: table.headless,
    methods: table.methods,
  });
}

/** A command's result as its own `present` wants it, or its JSON. */
export async function presentResult(spec: Command, input: Input, result: unknown, options: PresentOptions = {}): Promise<string> {
  if (options.json) return jsonOf(spec, input, result);
  const shown = spec.present?.(result as never, input);
  if (shown) return present(shown, options);
  return result === undefined ? "" : `${indentJson(result)}\n`;
}

/** The result itself, a line for each item of a list; nothing where rows have said it all. */
function jsonOf(spec: Command, input: Input, result: unknown): string {
  if (result === undefined || (spec.presentRow && spec.present?.(result as never, input).kind === "none")) return "";
  return jsonLines(Array.isArray(result) ? result : [result]);
}

/** One `row` event. */
export async function presentRow(spec: Command, input: Input, value: unknown, options: PresentOptions = {}): Promise<string> {
  if (options.json || !spec.presentRow) return jsonLines([value]);
  return present(spec.presentRow(value as never, input), options);
}
