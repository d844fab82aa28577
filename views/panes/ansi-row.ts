/** Rows of an emulated terminal as text with SGR codes, for drawing inside a pane. */
import type { IBufferCell, Terminal } from "@xterm/headless";

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
export function rowText(terminal: Terminal, line: number, cell: IBufferCell): string {
  const row = terminal.buffer.active.getLine(line);
  if (!row) return "";
  let text = "";
  let before = "";
  for (let column = 0; column < terminal.cols; column++) {
    row.getCell(column, cell);
    if (cell.getWidth() === 0) continue;
    const now = cell.isAttributeDefault() ? "" : style(cell);
    if (now !== before) text += now ? `\x1b[0;${now}m` : "\x1b[0m";
    before = now;
    text += cell.getChars() || " ";
  }
  return before ? `${text}\x1b[0m` : text;
}
