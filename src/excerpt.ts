/** The lines of a source around a location, with line numbers and a caret under the column. Pure. */
import type { SourceLocation } from "../engine/errors.ts";
import { cellWidth } from "./format/cells.ts";
import { neutraliseLine } from "./format/neutral.ts";
import { type Paint, painter } from "./print.ts";

/** Longer lines are cut: a minified script in a RUN must not fill the screen. */
const longest = 160;

/** Two lines before the error, its line with a caret, one line after; without a final line end. */
export function excerpt(location: SourceLocation, paint: Paint = painter(false)): string {
  const lines = (location.source ?? "").split(/\r\n|\n/);
  const first = Math.max(1, location.line - 2);
  const last = Math.min(lines.length, Math.max(location.line, Math.min(location.endLine ?? location.line, location.line + 4)) + 1);
  const gutter = String(last).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const raw = lines[number - 1] ?? "";
    if (number > location.line && number === last && raw === "") break;
    const text = visible(raw);
    const marked = number >= location.line && number <= (location.endLine ?? location.line);
    shown.push(`${paint("dim", `${String(number).padStart(gutter)} |`)} ${marked ? paint("bold", text) : text}`.trimEnd());
    if (number === location.line)
      shown.push(`${" ".repeat(gutter)} ${paint("dim", "|")} ${" ".repeat(offset(raw, location.column))}${paint("red", "^")}`);
  }
  return shown.join("\n");
}

function visible(line: string): string {
  const text = neutraliseLine(line.replaceAll("\t", "    "));
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function offset(line: string, column: number): number {
  return Math.min(longest, cellWidth(neutraliseLine(line.slice(0, Math.max(0, column - 1)).replaceAll("\t", "    "))));
}
