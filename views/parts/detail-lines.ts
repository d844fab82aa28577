/** The sections of a page of details as the rows that stand beside a list. Pure. */
import { cellWidth, fill, truncate, wrap } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { layoutOf } from "../layout.ts";
import type { DetailSection, Span } from "../resources/resource.ts";
import type { AppState, DetailState } from "../state.ts";
import { plainTheme, type Theme, type Tone } from "../theme.ts";

/** Rows that one value may take: all of it is there when its page has the screen. */
const most = 4;

/** All rows of what was read. */
export function detailLines(detail: DetailState | undefined, width: number, theme: Theme): string[] {
  if (detail?.error !== undefined) return wrap(neutraliseLine(detail.error), width).map((line) => theme.paint("bad", line));
  return (detail?.sections ?? []).flatMap((section) => [
    ...(section.title ? [theme.paint("title", truncate(section.title, width))] : []),
    ...sectionLines(section, width, theme),
  ]);
}

/** The last row that can be scrolled to. */
export function lastDetailRow(state: AppState): number {
  return detailLines(state.detail, layoutOf(state).detailWidth - 2, plainTheme).length - 1;
}

function sectionLines(section: DetailSection, width: number, theme: Theme): string[] {
  if (section.kind === "lines") return section.lines.map((line, at) => paintedLine(line, at, section.tones, width, theme));
  if (section.kind === "rows") return section.rows.map((row) => spanLine(row, width, theme));
  if (section.kind === "pairs") return pairLines(section.rows, width, theme);
  if (section.rows.length === 0) return [theme.paint("dim", "nothing")];
  return tableLines(section.rows, section.wraps ?? false, width, theme);
}

function paintedLine(line: string, at: number, tones: readonly Tone[] | undefined, width: number, theme: Theme): string {
  const text = truncate(neutraliseLine(line), width);
  const tone = tones?.[at] ?? tones?.at(-1);
  return tone ? theme.paint(tone, text) : text;
}

/** Without a frame: every column but the last as wide as its content needs, the last what is left. */
function tableLines(rows: readonly Record<string, string>[], wraps: boolean, width: number, theme: Theme): string[] {
  const keys = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => keys.map((key) => neutraliseLine(row[key] ?? "")));
  const half = Math.floor(width / 2);
  const widths = keys.slice(0, -1).map((key, at) => Math.min(half, Math.max(cellWidth(key), ...cells.map((row) => cellWidth(row[at]!)))));
  const before = (texts: readonly string[]) => widths.map((cell, at) => `${fill(texts[at]!, cell)}  `).join("");
  const room = width - widths.reduce((sum, cell) => sum + cell + 2, 0);
  const line = (texts: readonly string[]) => truncate(before(texts) + texts.at(-1), width);
  const lines = (texts: readonly string[]) => (wraps && room > 0 ? hung(before(texts), texts.at(-1)!, room) : [line(texts)]);
  return [theme.paint("strong", line(keys)), ...cells.flatMap(lines)];
}

/** A value behind what it is of, in as many rows as it needs. */
function hung(before: string, value: string, room: number): string[] {
  const lines = wrap(value, room);
  const shown = lines.length > most ? [...lines.slice(0, most - 1), truncate(lines.slice(most - 1).join(" "), room)] : lines;
  return shown.map((line, at) => (at === 0 ? before : " ".repeat(cellWidth(before))) + line);
}

/** What does not fit is cut, in the colours that it has. */
function spanLine(spans: readonly Span[], width: number, theme: Theme): string {
  let room = width;
  return spans
    .map(({ text, tone }) => {
      const shown = truncate(text, room);
      room = Math.max(0, room - cellWidth(shown));
      return theme.paint(tone, shown);
    })
    .join("");
}

function pairLines(rows: readonly [string, string][], width: number, theme: Theme): string[] {
  const label = Math.max(...rows.map(([name]) => cellWidth(name))) + 2;
  return rows.flatMap(([name, value]) =>
    hung("", neutraliseLine(value), Math.max(1, width - label)).map(
      (line, at) => theme.paint("dim", fill(at === 0 ? name : "", label)) + line,
    ),
  );
}
