/**
 * Text measured in terminal cells: cut, filled, wrapped. Pure. The one table of widths: the bundle gives it to Ink in the place of
 * string-width, and terminal panes to xterm.js. It is what most terminals do: an emoji sequence takes two cells, else every
 * character takes its own, vowel signs and half-width marks too, which string-width and xterm.js each see otherwise.
 * Text that keeps its colours (log lines) lives in views/ansi.ts; making foreign text harmless in neutral.ts.
 */

import { isEmoji, plain, Segmenter } from "./graphemes.ts";

const segmenter = new Segmenter();
/** Takes no cell: marks that do not space, formats, what may be ignored. */
const invisible = /[\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Format}\p{Default_Ignorable_Code_Point}\p{Control}\p{Surrogate}]/u;
/** Jamo that make one block of Hangul. */
const syllables = /[\u1100-\u115f\ua960-\ua97c][\u1160-\u11a7\ud7b0-\ud7c6]+[\u11a8-\u11ff\ud7cb-\ud7fb]*/g;

/** East Asian Wide and Fullwidth ranges (Unicode UAX #11), merged where only unassigned code points lie between. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18d08],
  [0x1b000, 0x1b2ff],
  [0x1f200, 0x1f202],
  [0x1f210, 0x1f23b],
  [0x1f240, 0x1f265],
  [0x1f300, 0x1f320],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function graphemeWidth(grapheme: string): number {
  if (plain.test(grapheme)) return 1;
  if (isEmoji(grapheme) || isPicture(grapheme)) return 2;
  let width = 0;
  for (const character of grapheme.replace(syllables, "가")) width += codePointWidth(character.codePointAt(0)!);
  return width;
}

/** Emoji that no standard lists: joined pictures, or what a selector makes one. */
function isPicture(grapheme: string): boolean {
  if (grapheme.includes("\u200d")) return (grapheme.match(/\p{Extended_Pictographic}/gu)?.length ?? 0) > 1;
  return grapheme.includes("\ufe0f") && /\p{Emoji}\ufe0f/u.test(grapheme);
}

/** Texts and characters whose widths are remembered. */
const remembered = 4000;
const known = new Map<number, 0 | 1 | 2>();

/** How many cells a character takes by itself. */
export function codePointWidth(code: number): 0 | 1 | 2 {
  let width = known.get(code);
  if (width !== undefined) return width;
  const text = String.fromCodePoint(code);
  if (invisible.test(text)) width = 0;
  else width = isEmoji(text) || wideRanges.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
  if (known.size >= remembered) known.clear();
  known.set(code, width);
  return width;
}

/** The graphemes of a text with their widths in cells. */
export function* graphemes(text: string): Generator<{ text: string; width: number }> {
  if (plain.test(text)) for (const character of text) yield { text: character, width: 1 };
  else for (const { segment } of segmenter.segment(text)) yield { text: segment, width: graphemeWidth(segment) };
}

/** Widths of texts that are not plain: the same ones come again with every frame. */
const widths = new Map<string, number>();

/** How many cells a text takes. */
export function cellWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = widths.get(text);
  if (width !== undefined) return width;
  width = 0;
  for (const grapheme of graphemes(text)) width += grapheme.width;
  if (widths.size >= remembered) widths.clear();
  widths.set(text, width);
  return width;
}

/** The text cut to at most `width` cells, with an ellipsis where something was cut. */
export function truncate(text: string, width: number): string {
  if (width <= 0) return "";
  if (cellWidth(text) <= width) return text;
  if (plain.test(text)) return `${text.slice(0, width - 1)}…`;
  let kept = "";
  let used = 0;
  for (const grapheme of graphemes(text)) {
    if (used + grapheme.width > width - 1) break;
    kept += grapheme.text;
    used += grapheme.width;
  }
  return `${kept}…`;
}

/** The text in exactly `width` cells: cut with an ellipsis or filled with spaces. */
export function fill(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = truncate(text, width);
  const blanks = " ".repeat(Math.max(0, width - cellWidth(cut)));
  return align === "right" ? blanks + cut : cut + blanks;
}

/** The end of a text in at most `width` cells: what an input line shows while one types. */
export function tail(text: string, width: number): string {
  if (cellWidth(text) <= width) return text;
  const all = [...graphemes(text)];
  let used = 1;
  let from = all.length;
  while (from > 0 && used + all[from - 1]!.width <= width) used += all[--from]!.width;
  return `…${all
    .slice(from)
    .map((each) => each.text)
    .join("")}`;
}

/** A text broken into lines of at most `width` cells, at spaces where there are some. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  let breakAt = -1;
  for (const grapheme of graphemes(text)) {
    const whole = lines.length;
    // What is carried over to the next line may still leave no room for a wide character.
    while (used + grapheme.width > width && line) {
      const rest = breakAt > 0 && grapheme.text !== " " ? line.slice(breakAt) : "";
      lines.push((rest ? line.slice(0, breakAt) : line).trimEnd());
      line = rest;
      used = cellWidth(rest);
      breakAt = -1;
    }
    if (lines.length > whole && grapheme.text === " ") continue;
    line += grapheme.text;
    used += grapheme.width;
    if (grapheme.text === " ") breakAt = line.length;
  }
  return line || lines.length === 0 ? [...lines, line] : lines;
}
