/** Rows of an emulated terminal as text with SGR codes, for drawing inside a pane. */
import type { IBufferCell, Terminal } from "@xterm/headless";
import { cellWidth } from "../../src/format/cells.ts";
import { plain } from "../../src/format/graphemes.ts";

/** SGR parameters of a cell's style (ECMA-48 8.3.117, with 256 and true colours). */
function style(cell: IBufferCell): string {
  const flags: [number, number][] = [
    [cell.isBold(), 1],
    [cell.isDim(), 2],
    [cell.isItalic(), 3],
    [cell.isUnderline(), 4],
    [cell.isInverse(), 7],
    [cell.isInvisible(), 8],
    [cell.isStrikethrough(), 9],
  ];
  const codes = flags.filter(([on]) => on).map(([, code]) => String(code));
  if (!cell.isFgDefault()) codes.push(colour(cell.getFgColor(), cell.isFgRGB(), 30));
  if (!cell.isBgDefault()) codes.push(colour(cell.getBgColor(), cell.isBgRGB(), 40));
  return codes.join(";");
}

function colour(value: number, rgb: boolean, base: 30 | 40): string {
  if (rgb) return `${base + 8};2;${(value >> 16) & 255};${(value >> 8) & 255};${value & 255}`;
  if (value < 8) return String(base + value);
  return value < 16 ? String(base + 60 + value - 8) : `${base + 8};5;${value}`;
}

/** One row of the terminal's buffer, by absolute line, exactly as wide as the terminal. `cell` is scratch space. */
export function rowText(terminal: Terminal, line: number, cell: IBufferCell, simple = false): string {
  const row = terminal.buffer.active.getLine(line);
  if (!row) return "";
  let text = "";
  let bare = "";
  let before = "";
  for (let column = 0; column < terminal.cols; column++) {
    row.getCell(column, cell);
    if (cell.getWidth() === 0) continue;
    const now = cell.isAttributeDefault() ? "" : style(cell);
    if (now !== before) text += now ? `\x1b[0;${now}m` : "\x1b[0m";
    before = now;
    const characters = simple ? simplest(cell) : standing(cell.getChars() || " ", cell.getWidth());
    text += characters;
    bare += characters;
  }
  // Cells may join to something narrower or wider when they stand side by side: then the simplest of each must do.
  if (!simple && cellWidth(bare) !== terminal.cols) return rowText(terminal, line, cell, true);
  return before ? `${text}\x1b[0m` : text;
}

/** What a cell holds, in a form that takes as many cells as it does. */
function standing(characters: string, width: number): string {
  if (plain.test(characters)) return characters;
  const measured = cellWidth(characters);
  if (measured === width) return characters;
  if (measured < width) return " ".repeat(width - measured) + characters;
  return "?".padEnd(width);
}

const joining = /\p{Mark}|\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;

/** What never joins with its neighbours. */
function simplest(cell: IBufferCell): string {
  const characters = standing(cell.getChars() || " ", cell.getWidth());
  return joining.test(characters) ? "?".padEnd(cell.getWidth()) : characters;
}
