/** The menu of the members that show as columns of a log of JSON lines. */
import { fieldsOf, type JsonField } from "../logs/json-line.ts";
import type { MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";

const title = "Columns of JSON lines";

export function openFieldsMenu(tui: Tui): void {
  if (tui.state.pager?.json !== "columns") tui.pagers.showJson("columns");
  const found = fieldsOf(tui.pagers.sample());
  if (found.length === 0) tui.notes.info("no line in sight of the end is a JSON object");
  else tui.menus.open(title, itemsOf(tui, found), { hint: "⏎ show or hide   ← → move   Esc leave" });
}

function itemsOf(tui: Tui, found: readonly JsonField[]): MenuItem[] {
  const shown = tui.state.pager?.fields ?? [];
  const choose = (fields: readonly JsonField[]) => {
    tui.pagers.chooseFields(fields);
    tui.menus.update(title, itemsOf(tui, found));
  };
  const hidden = found.filter(({ name }) => !shown.some((each) => each.name === name));
  return [...shown, ...hidden].map((field): MenuItem => {
    const place = shown.indexOf(field);
    const toggled = () => (place < 0 ? [...shown, field] : shown.length > 1 ? shown.toSpliced(place, 1) : shown);
    const moved = (by: 1 | -1) => shown.toSpliced(place, 1).toSpliced(Math.max(0, place + by), 0, field);
    return {
      label: field.name,
      text: place < 0 ? "hidden" : `shown, ${place + 1}.`,
      stays: true,
      choose: () => choose(toggled()),
      ...(place >= 0 && { shift: (by: 1 | -1) => choose(moved(by)) }),
    };
  });
}
