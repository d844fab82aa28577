/** Sections of the detail pane as lines of text: pairs aligned, tables in columns. Pure. */
import { neutraliseLine } from "../../src/format/neutral.ts";
import { alignRows } from "../../src/format/table.ts";
import type { DetailSection, Span } from "../resources/resource.ts";
import { sgrOf } from "../theme.ts";

export function sectionsText(sections: readonly DetailSection[]): string {
  return sections.map((section) => `${section.title ? `${section.title}\n` : ""}${bodyOf(section)}`).join("\n");
}

function bodyOf(section: DetailSection): string {
  if (section.kind === "rows") return section.rows.map((row) => `${row.map(coloured).join("")}\n`).join("");
  if (section.kind === "lines") return section.lines.map((line) => `${neutraliseLine(line)}\n`).join("");
  const rows = section.kind === "pairs" ? section.rows : tableRows(section.rows);
  return alignRows(
    rows.map((row) => ["", ...row].map(neutraliseLine)),
    { minimum: 2 },
  );
}

/** Below the names of its columns. */
function tableRows(rows: readonly Record<string, string>[]): string[][] {
  const [first] = rows;
  return first ? [Object.keys(first), ...rows.map((row) => Object.values(row))] : [];
}

function coloured({ text, tone }: Span): string {
  return sgrOf(tone) && text ? `\x1b[${sgrOf(tone)}m${text}\x1b[0m` : text;
}
