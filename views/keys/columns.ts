/** The menu of a list's columns: which show, in which order, now or from now on. */
import { toEngineError } from "../../engine/errors.ts";
import { saveColumns } from "../config/save.ts";
import { columnName } from "../resources/index.ts";
import type { AnyResource } from "../resources/resource.ts";
import type { MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";

/** Indices of those that show, in their order. */
function shownIn(tui: Tui, view: AnyResource): readonly number[] {
  return tui.state.chosen[view.id] ?? [...view.columns.keys()].filter((at) => !view.columns[at]!.hidden);
}

const titleOf = (view: AnyResource) => `Columns of ${view.title.toLowerCase()}`;

export function openColumnsMenu(tui: Tui): void {
  const view = tui.lists.resource;
  tui.menus.open(titleOf(view), itemsOf(tui, view), { hint: "⏎ show or hide   ← → move   Esc leave" });
}

function itemsOf(tui: Tui, view: AnyResource): MenuItem[] {
  const shown = shownIn(tui, view);
  const choose = (columns: readonly number[] | undefined) => {
    tui.store.set({ chosen: { ...tui.state.chosen, [view.id]: columns } });
    tui.menus.update(titleOf(view), itemsOf(tui, view));
  };
  const hidden = [...view.columns.keys()].filter((at) => !shown.includes(at));
  const items = [...shown, ...hidden].map((at): MenuItem => {
    const place = shown.indexOf(at);
    return {
      label: columnName(view.columns[at]!),
      text: place < 0 ? "hidden" : `shown, ${place + 1}.`,
      stays: true,
      choose: () => choose(toggled(shown, at)),
      ...(place >= 0 && { shift: (by: 1 | -1) => choose(moved(shown, place, by)) }),
    };
  });
  const reset: MenuItem = { label: "as they come", text: "forget what was chosen", stays: true, choose: () => choose(undefined) };
  const save: MenuItem = { label: "save", text: "from now on, in config.yaml", choose: () => void keep(tui, view) };
  return [...items, reset, save];
}

/** The last one stays. */
function toggled(shown: readonly number[], at: number): readonly number[] {
  if (!shown.includes(at)) return [...shown, at];
  return shown.length > 1 ? shown.filter((each) => each !== at) : shown;
}

function moved(shown: readonly number[], place: number, by: 1 | -1): readonly number[] {
  const to = Math.max(0, Math.min(shown.length - 1, place + by));
  return shown.toSpliced(place, 1).toSpliced(to, 0, shown[place]!);
}

async function keep(tui: Tui, view: AnyResource): Promise<void> {
  try {
    const names = shownIn(tui, view).map((at) => columnName(view.columns[at]!));
    tui.notes.info(`saved in ${await saveColumns(tui.env, view.id, names)}`);
  } catch (error) {
    tui.notes.error(toEngineError(error));
  }
}
