/**
 * A terminal's screen as SVG: text in runs of one style, a window frame around it. No script, no link to elsewhere, nothing of
 * the text as markup: safe for a README. Pure, but for the terminal that it reads.
 */
import type { IBufferCell, IBufferLine, Terminal } from "@xterm/headless";

export const cell = { width: 8.43, height: 18 };
const margin = 14;
/** Height of the window's title. */
const bar = 30;

const palette = [
  ...["#1d1f21", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4"],
  ...["#5c6370", "#ff7b86", "#b5e890", "#f5d78e", "#82c4ff", "#df9af2", "#7fdbe6", "#ffffff"],
];
const foreground = "#c8ccd4";
const background = "#1b1d23";

/** What XML 1.0 does not allow is left out. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function colour(value: number, isRgb: boolean): string {
  if (isRgb) return `#${value.toString(16).padStart(6, "0")}`;
  if (value < 16) return palette[value]!;
  if (value >= 232) return `#${(8 + (value - 232) * 10).toString(16).padStart(2, "0").repeat(3)}`;
  const level = (index: number) => (index === 0 ? 0 : 55 + index * 40).toString(16).padStart(2, "0");
  const cube = value - 16;
  return `#${level(Math.floor(cube / 36))}${level(Math.floor(cube / 6) % 6)}${level(cube % 6)}`;
}

interface Style {
  front: string;
  back: string | undefined;
  bold: boolean;
  dim: boolean;
}

function styleOf(each: IBufferCell): Style {
  let front = each.isFgDefault() ? foreground : colour(each.getFgColor(), each.isFgRGB());
  let back = each.isBgDefault() ? undefined : colour(each.getBgColor(), each.isBgRGB());
  if (each.isInverse()) [front, back] = [back ?? background, front];
  return { front, back, bold: each.isBold() !== 0, dim: each.isDim() !== 0 };
}

const isSame = (one: Style, other: Style) =>
  one.front === other.front && one.back === other.back && one.bold === other.bold && one.dim === other.dim;

interface Run {
  column: number;
  /** In cells. */
  width: number;
  text: string;
  style: Style;
  /** Of characters that are one cell wide for sure. */
  isPlain: boolean;
}

function runsOf(line: IBufferLine, columns: number): Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < columns; column++) {
    const each = line.getCell(column);
    if (!each || each.getWidth() === 0) continue;
    const style = styleOf(each);
    const text = each.getChars() || " ";
    const isPlain = /^[\x20-\x7e]$/.test(text);
    const last = runs.at(-1);
    if (last && isPlain && last.isPlain && isSame(last.style, style)) {
      last.text += text;
      last.width += each.getWidth();
    } else runs.push({ column, width: each.getWidth(), text, style, isPlain });
  }
  return runs;
}

/** A row of a screen as elements, its top at 0; "" for an empty one. */
function rowSvg(line: IBufferLine | undefined, columns: number): string {
  return line ? runsOf(line, columns).map(runSvg).join("") : "";
}

function runSvg({ column, width, text, style }: Run): string {
  const x = (column * cell.width).toFixed(2);
  const length = (width * cell.width).toFixed(2);
  const behind = style.back ? `<rect x="${x}" width="${length}" height="${cell.height}" fill="${style.back}"/>` : "";
  const shown = style.back ? text : text.trimEnd();
  if (!shown.trim()) return behind;
  const long = ((width - (text.length - shown.length)) * cell.width).toFixed(2);
  const weight = style.bold ? ' font-weight="700"' : "";
  const faint = style.dim ? ' opacity="0.62"' : "";
  const place = `x="${x}" y="13.5" fill="${style.front}" textLength="${long}" lengthAdjust="spacingAndGlyphs"`;
  return `${behind}<text ${place}${weight}${faint}>${escaped(shown)}</text>`;
}

/** The rows of what a terminal shows now. */
export function screenRows(terminal: Terminal): string[] {
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_, row) => rowSvg(active.getLine(active.baseY + row), terminal.cols));
}

/** A document with a window frame around what is drawn from the upper left corner of the screen on. */
export function windowSvg(size: { cols: number; rows: number }, title: string, inside: string, style = ""): string {
  const width = (size.cols * cell.width + margin * 2).toFixed(0);
  const height = size.rows * cell.height + margin * 2 + bar;
  const dots = ["#ff5f56", "#ffbd2e", "#27c93f"]
    .map((fill, at) => `<circle cx="${20 + at * 20}" cy="${bar / 2 + 3}" r="6" fill="${fill}"/>`)
    .join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
${style}<rect width="100%" height="100%" rx="8" fill="${background}"/>${dots}
<text x="50%" y="${bar / 2 + 7}" fill="#8a919e" font-family="sans-serif" font-size="13" text-anchor="middle">${escaped(title)}</text>
<svg x="${margin}" y="${bar + margin}" width="${(size.cols * cell.width).toFixed(2)}" height="${size.rows * cell.height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
${inside}
</svg>
</svg>
`;
}

/** The screen of a terminal as a document. @param isCut without the empty rows at its end */
export function screenSvg(terminal: Terminal, title: string, isCut = false): string {
  const all = screenRows(terminal);
  const rows = isCut ? usedRows([all]) : terminal.rows;
  const placed = all.map((row, at) => row && `<g transform="translate(0 ${at * cell.height})">${row}</g>`);
  return windowSvg({ cols: terminal.cols, rows }, title, placed.filter(Boolean).join("\n"));
}

/** How many rows some screens use. */
export function usedRows(screens: readonly (readonly string[])[]): number {
  return Math.max(1, ...screens.map((rows) => rows.findLastIndex((row) => row !== "") + 1));
}
