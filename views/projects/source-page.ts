/** A project's files as text with line numbers, what is wrong where it stands. Pure. */
import type { EngineError } from "../../engine/errors.ts";
import { cellWidth } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import type { Span } from "../resources/resource.ts";

export interface SourceText {
  path: string;
  text: string;
}

/** @returns rows, and the one that the error is on */
export function sourceRows(
  files: readonly SourceText[],
  { problem, warnings }: { problem?: EngineError; warnings: readonly string[] },
): { rows: Span[][]; line?: number } {
  const location = problem?.location;
  const rows: Span[][] = [];
  let line: number | undefined;
  if (problem && !location) rows.push(...messageRows(problem, ""));
  for (const text of warnings) rows.push([{ text: `! ${neutraliseLine(text)}`, tone: "busy" }]);
  for (const { path, text } of files) {
    const isWrong = location?.file === path;
    rows.push([
      { text: neutraliseLine(path), tone: "strong" },
      { text: isWrong ? "  ✗" : "  ✓", tone: isWrong ? "bad" : "good" },
    ]);
    const lines = text.replace(/\n$/, "").split(/\r\n|\n/);
    const gutter = String(lines.length).length;
    for (const [at, raw] of lines.entries()) {
      rows.push([{ text: `${String(at + 1).padStart(gutter)} `, tone: "dim" }, ...coloured(visible(raw))]);
      if (!isWrong || at + 1 !== location.line) continue;
      line = rows.length - 1;
      const offset = cellWidth(visible(raw.slice(0, Math.max(0, location.column - 1))));
      const indent = " ".repeat(gutter + 1);
      rows.push([{ text: `${indent}${" ".repeat(offset)}^`, tone: "bad" }], ...messageRows(problem!, indent));
    }
  }
  return { rows, ...(line !== undefined && { line }) };
}

function messageRows({ message, suggestion, hint, location }: EngineError, indent: string): Span[][] {
  const where = location ? `${location.line}:${location.column}: ` : "";
  const lines = message.split("\n").map((text, at) => `${at === 0 ? `✗ ${where}` : "  "}${text}`);
  return [
    ...lines.map((text): Span[] => [{ text: `${indent}${neutraliseLine(text)}`, tone: "bad" }]),
    ...(suggestion ? [[{ text: `${indent}  did you mean "${neutraliseLine(suggestion)}"?`, tone: "busy" as const }]] : []),
    [{ text: `${indent}  hint: ${neutraliseLine(hint)}`, tone: "busy" }],
  ];
}

const visible = (line: string) => neutraliseLine(line.replaceAll("\t", "    "));

/** Keys and comments stand out; what is inside of quotes is let alone. */
function coloured(line: string): Span[] {
  const comment = /^((?:[^"'#]|"[^"]*"|'[^']*'|(?<=\S)#)*?)((?:^|(?<=\s))#.*)$/.exec(line);
  const [body, rest] = comment ? [comment[1]!, comment[2]!] : [line, ""];
  const [, lead = "", key = "", value = body] = /^(\s*(?:- )*)([^\s"'#:][^"'#:]*:)((?:\s.*)?)$/.exec(body) ?? [];
  const spans: Span[] = [
    { text: lead, tone: "plain" },
    { text: key, tone: "accent" },
    { text: value, tone: "plain" },
    { text: rest, tone: "dim" },
  ];
  return spans.filter(({ text }) => text !== "");
}
