/** What the mouse does: the wheel scrolls, a click chooses a row, a tab, a terminal. */

import { paneRects } from "../panes/panes.ts";
import { topRow } from "../parts/list.ts";
import { tabPlaces } from "../parts/top.ts";
import type { Tui } from "../tui.ts";
import type { Mouse } from "./router.ts";

const wheelRows = 3;

/** True when the report was used; else it may go to the program in the pane. */
export function onMouse(tui: Tui, mouse: Mouse): boolean {
  const wheel = mouse.button === 64 ? -1 : mouse.button === 65 ? 1 : 0;
  switch (tui.context) {
    case "list":
      return onList(tui, mouse, wheel);
    case "pager":
      if (wheel !== 0) tui.pagers.scroll(wheel * wheelRows);
      return true;
    case "help":
      if (wheel !== 0) tui.scrollHelp(wheel);
      return true;
    case "panes":
      return onPanes(tui, mouse, wheel);
    default:
      return true;
  }
}

function onList(tui: Tui, mouse: Mouse, wheel: -1 | 0 | 1): boolean {
  if (wheel !== 0) tui.lists.move(wheel);
  else if (mouse.button === 0 && mouse.press) {
    const tab = mouse.y === 1 ? tabPlaces(tui.state).find(({ from, to }) => mouse.x >= from && mouse.x < to) : undefined;
    const row = mouse.y - 3;
    if (tab) tui.lists.open(tab.id);
    else if (row >= 0 && row < tui.layout.listRows && mouse.x < tui.layout.listWidth) {
      const index = topRow(tui.lists.current, tui.layout.listRows) + row;
      if (index < tui.lists.current.shown.length) tui.lists.select(index);
    }
  }
  return true;
}

/** A program that asked for the mouse gets its reports, moved to its own corner; else the wheel scrolls back. */
function onPanes(tui: Tui, mouse: Mouse, wheel: -1 | 0 | 1): boolean {
  const rects = paneRects(tui.state);
  const at = rects.findIndex(
    (rect) => rect && mouse.x >= rect.x && mouse.x < rect.x + rect.width && mouse.y >= rect.y && mouse.y < rect.y + rect.height,
  );
  const pane = tui.state.panes[at];
  const rect = rects[at];
  if (!pane || !rect) return true;
  if (at !== tui.state.pane) {
    if (mouse.press && wheel === 0) tui.panes.focus(at);
  } else if (pane.wantsMouse && mouse.y > rect.y) {
    pane.type(Buffer.from(`\x1b[<${mouse.button};${mouse.x - rect.x + 1};${mouse.y - rect.y}${mouse.press ? "M" : "m"}`, "latin1"));
  } else if (wheel !== 0) pane.wheel(-wheel * wheelRows);
  return true;
}
