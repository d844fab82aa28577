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
  "▏": "|",
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
  let missing = 0;
  const named = text.replace(enter, (_, behind: string, blanks?: string) => {
    if (blanks === undefined) missing += longer;
    return `Enter${behind}`;
  });
  return withoutEnd(
    named.replace(/[^\0-\x7f]/gu, (sign) => signs[sign] ?? (isCorner(sign) ? "+" : sign)),
    missing,
  );
}

/** Cells that the name of the key takes more than its sign. */
const longer = "Enter".length - 1;

/** Without its last characters; sequences stay. */
function withoutEnd(text: string, count: number): string {
  let rest = text;
  for (let left = count; left > 0; left--) rest = rest.replace(/[^\x1b](?=(?:\x1b\[[\d;]*m)*$)/, "");
  return rest;
}

/** Corners and crossings of boxes, of any weight. */
function isCorner(sign: string): boolean {
  return sign >= "┌" && sign <= "╿";
}
