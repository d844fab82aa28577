/** A menu in a box over the screen. Pure. */
import { cellWidth, fill, truncate } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { shownItems } from "../menus.ts";
import { topFor } from "../selection.ts";
import type { MenuState } from "../state.ts";
import type { Theme } from "../theme.ts";
import { type BoxLine, type BoxPlace, boxOf } from "./box.ts";

/** Cells of the narrowest box: what is typed has room in it. */
const narrowest = 40;

/** Its title and what was typed, the items around the cursor, how many there are where not all are in sight. */
export function menuBox(menu: MenuState, columns: number, rows: number, theme: Theme): BoxPlace {
  const labels = Math.max(0, ...menu.items.map(({ label }) => cellWidth(label)), cellWidth(menu.header?.split(" ", 1)[0] ?? ""));
  const lineOf = ({ label, text = "" }: { label: string; text?: string }) =>
    text ? `${fill(label, labels)}  ${neutraliseLine(text)}` : label;
  const [first = "", ...more] = menu.header?.split(" ") ?? [];
  const header = menu.header === undefined ? [] : [lineOf({ label: first, text: more.join(" ") })];
  const lines = [...menu.items.map(lineOf), ...header];
  const title = menu.order === undefined ? menu.title : `${menu.title}, by ${menu.order}`;
  const inner = Math.max(1, Math.min(columns - 6, Math.max(narrowest, cellWidth(title), ...lines.map(cellWidth))));
  const shown = shownItems(menu);
  const height = Math.max(1, Math.min(shown.length, rows - 7 - header.length));
  const top = topFor(0, menu.cursor, shown.length, height);
  const items = shown
    .slice(top, top + height)
    .map((item, at): BoxLine => ({ line: truncate(lineOf(item), inner), tone: top + at === menu.cursor ? "selected" : "plain" }));
  const none: BoxLine[] = shown.length === 0 ? [{ line: "nothing is called so", tone: "dim" }] : [];
  const count = shown.length > height ? `${menu.cursor + 1} of ${shown.length}` : "";
  return boxOf(
    [
      { line: truncate(title, inner), tone: "strong" },
      ...header.map((line): BoxLine => ({ line: truncate(line, inner), tone: "dim" })),
      ...items,
      ...none,
      { line: count, tone: "dim" },
      { line: menu.typed ? `/${neutraliseLine(menu.typed)}` : (menu.hint ?? "⏎ choose   Esc leave   type to find"), tone: "key" },
    ],
    inner,
    { columns, rows, theme },
  );
}
