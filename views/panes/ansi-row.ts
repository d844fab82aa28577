/** Rows of an emulated terminal as text with SGR codes, for drawing inside a pane. */
import { cellWidth } from "../../src/format/cells.ts";
import { plain } from "../../src/format/graphemes.ts";
import { carry, safeLink } from "./carried.ts";
import { type Emulator, type IBufferCell, linkOf, underlineOf } from "./emulator.ts";

/** SGR parameters of a cell's style (ECMA-48 8.3.117, with 256 and true colours). */
function style(cell: IBufferCell, underline: ReturnType<typeof underlineOf>, isInverse: boolean): string {
  const flags: [number, number][] = [
    [cell.isBold(), 1],
    [cell.isDim(), 2],
    [cell.isItalic(), 3],
    [underline.kind === 1 ? 1 : 0, 4],
    [isInverse ? 1 : 0, 7],
    [cell.isInvisible(), 8],
    [cell.isStrikethrough(), 9],
    [cell.isOverline(), 53],
  ];
  const codes = flags.filter(([on]) => on).map(([, code]) => String(code));
  if (!cell.isFgDefault()) codes.push(colour(cell.getFgColor(), cell.isFgRGB(), 30));
  if (!cell.isBgDefault()) codes.push(colour(cell.getBgColor(), cell.isBgRGB(), 40));
  if (underline.colour !== undefined) codes.push(extended(underline.colour, underline.rgb, 58));
  return codes.join(";");
}

function colour(value: number, rgb: boolean, base: 30 | 40): string {
  if (rgb || value >= 16) return extended(value, rgb, base + 8);
  return String(value < 8 ? base + value : base + 60 + value - 8);
}

function extended(value: number, rgb: boolean, code: number): string {
  return rgb ? `${code};2;${(value >> 16) & 255};${(value >> 8) & 255};${value & 255}` : `${code};5;${value}`;
}

/** The sequences that begin a cell's style after another's: what Ink knows, behind what is carried through it. */
function beginning(terminal: Emulator, cell: IBufferCell, links: boolean, isMarked: boolean): string {
  if (cell.isAttributeDefault()) return isMarked ? "\x1b[0;7m" : "\x1b[0m";
  const underline = underlineOf(cell);
  const link = links ? linkOf(terminal, cell) : undefined;
  const blink = cell.isBlink() !== 0;
  const carried = carry(
    { blink, underline: underline.kind > 1 ? underline.kind : 0, link: link ? safeLink(link.address) : "" },
    link?.id ?? 0,
  );
  const codes = style(cell, underline, (cell.isInverse() !== 0) !== isMarked);
  if (carried) return `\x1b[0m${carried}${codes ? `\x1b[${codes}m` : ""}`;
  return codes ? `\x1b[0;${codes}m` : "\x1b[0m";
}

export interface RowOptions {
  /** Hyperlinks can be followed. */
  links?: boolean;
  /** Cells to show reversed: matches of a search. */
  isMarked?(column: number): boolean;
}

/** One row of the terminal's buffer, by absolute line, exactly as wide as the terminal. `cell` is scratch space. */
export function rowText(terminal: Emulator, line: number, cell: IBufferCell, options: RowOptions = {}, simple = false): string {
  const row = terminal.buffer.active.getLine(line);
  if (!row) return "";
  const { links = false, isMarked } = options;
  let text = "";
  let bare = "";
  let before = unstyled;
  for (let column = 0; column < terminal.cols; column++) {
    row.getCell(column, cell);
    if (cell.getWidth() === 0) continue;
    const now = cell.isAttributeDefault() && !isMarked ? unstyled : beginning(terminal, cell, links, isMarked?.(column) ?? false);
    if (now !== before) text += now;
    before = now;
    const characters = simple ? simplest(cell) : standing(cell.getChars() || " ", cell.getWidth());
    text += characters;
    bare += characters;
  }
  // Cells may join to something narrower or wider when they stand side by side: then the simplest of each must do.
  if (!simple && cellWidth(bare) !== terminal.cols) return rowText(terminal, line, cell, options, true);
  return before === unstyled ? text : `${text}${unstyled}`;
}

const unstyled = "\x1b[0m";

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
