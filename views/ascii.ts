/** What the UI draws with, for terminals that show ASCII only: one character for each cell, so that nothing moves. Pure. */

const signs: Readonly<Record<string, string>> = {
  "…": "~",
  "·": ".",
  "—": "-",
  "•": "*",
  "›": ">",
  "‹": "<",
  "×": "x",
  "✗": "x",
  "✘": "x",
  "✕": "X",
  "✓": "v",
  "✔": "v",
  "●": "*",
  "○": "o",
  "◌": ".",
  "◐": "%",
  "■": "#",
  "◆": "+",
  "‖": "=",
  "↻": "@",
  "⟳": "@",
  "♪": "!",
  "⠿": "#",
  "←": "<",
  "→": ">",
  "↑": "^",
  "↓": "v",
  "▶": ">",
  "▸": ">",
  "▾": "v",
  "─": "-",
  "│": "|",
  "┃": "|",
  "▁": "_",
  "▂": ".",
  "▃": ",",
  "▄": "-",
  "▅": "=",
  "▆": "+",
  "▇": "*",
  "█": "#",
};

/** The one key whose sign has a name: cells that it takes more come from the next blanks that are only there to fill. */
const enter = /⏎((?:\S| (?! {4}))*)( {4})?/g;

/** A line of the screen in ASCII; characters that the UI does not draw with stay. */
export function asciiText(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return text.replace(enter, "Enter$1").replace(/[^\0-\x7f]/gu, (sign) => signs[sign] ?? (isCorner(sign) ? "+" : sign));
}

/** Corners and crossings of boxes, of any weight. */
function isCorner(sign: string): boolean {
  return sign >= "┌" && sign <= "╿";
}
