/** Sections of the detail pane as lines of text: pairs aligned, tables in columns. Pure. */
import { neutraliseLine } from "../../src/format/neutral.ts";
import { alignRows } from "../../src/format/table.ts";
import type { DetailSection } from "../resources/resource.ts";

export function sectionsText(sections: readonly DetailSection[]): string {
  return sections.map((section) => `${section.title ? `${section.title}\n` : ""}${bodyOf(section)}`).join("\n");
}

function bodyOf(section: DetailSection): string {
  if (section.kind === "lines") return section.lines.map((line) => `${neutraliseLine(line)}\n`).join("");
  const rows = section.kind === "pairs" ? section.rows : section.rows.map((row) => Object.values(row));
  return alignRows(
    rows.map((row) => ["", ...row].map(neutraliseLine)),
    { minimum: 2 },
  );
}
