/** What the mouse does: the wheel scrolls, a click chooses a row, a tab, a terminal. */

import type { Pane } from "../panes/pane.ts";
import { firstRow, paneRects } from "../panes/panes.ts";
import { topRow } from "../parts/list.ts";
import { tabPlaces } from "../parts/top.ts";
import type { Tui } from "../tui.ts";
import type { Mouse } from "./router.ts";

const wheelRows = 3;
/** Of a report's button: the mouse moved. */
const motion = 32;

/** True when the report was used; else it may go to the program in the pane. */
export function onMouse(tui: Tui, mouse: Mouse): boolean {
  const wheel = wheelOf(mouse.button);
  switch (tui.context) {
    case "list":
      return onList(tui, mouse, wheel);
    case "pager":
      return onPager(tui, mouse, wheel);
    case "tree":
      onTree(tui, mouse, wheel);
      return true;
    case "help":
      if (wheel !== 0) tui.scrollHelp(wheel);
      return true;
    case "panes":
    case "scrollback":
      return onPanes(tui, mouse, wheel);
    default:
      return true;
  }
}

/** Up is -1, with modifiers or without. */
function wheelOf(button: number): -1 | 0 | 1 {
  if ((button & 0xc3) === 64) return -1;
  return (button & 0xc3) === 65 ? 1 : 0;
}

/** Of a report's button: Alt or Ctrl was held. */
const modified = 8 | 16;

/** A drag selects lines, with Alt or Ctrl a rectangle; at an edge it goes on beyond. */
function onPager(tui: Tui, mouse: Mouse, wheel: -1 | 0 | 1): boolean {
  const { copy } = tui.pagers;
  const { pageRows, pagerRows } = tui.layout;
  const pagerTop = 2 + pageRows;
  const place = () => copy.placeAt(mouse.y - pagerTop, mouse.x);
  if (wheel !== 0) tui.pagers.scroll(wheel * wheelRows);
  else if (!mouse.press) copy.pressed = undefined;
  else if ((mouse.button & 3) !== 0) return true;
  else if ((mouse.button & motion) === 0) copy.pressed = place();
  else if (copy.pressed) {
    if (mouse.y < pagerTop) tui.pagers.scrollView(-1);
    else if (mouse.y >= pagerTop + pagerRows) tui.pagers.scrollView(1);
    const to = place();
    if (to) copy.selectTo(copy.pressed, to, (mouse.button & modified) !== 0);
  }
  return true;
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

/** A click chooses a row; on the one that is chosen it unfolds. */
function onTree({ details: { trees }, layout, state }: Tui, mouse: Mouse, wheel: -1 | 0 | 1): void {
  const { tree } = state;
  if (wheel !== 0) trees.move(wheel * wheelRows);
  else if (mouse.button === 0 && mouse.press && tree) {
    const row = tree.top + mouse.y - layout.tree.y;
    if (mouse.x < layout.tree.x || mouse.y < layout.tree.y || row >= tree.rows.length) return;
    if (row === tree.cursor) trees.toggle();
    else trees.move(row - tree.cursor);
  }
}

/**
 * A program that asked for the mouse gets its reports, moved to its own corner; else the wheel scrolls back. What began in
 * a terminal stays its own until the button is let go, wherever the mouse goes meanwhile.
 */
function onPanes(tui: Tui, mouse: Mouse, wheel: -1 | 0 | 1): boolean {
  const rects = paneRects(tui.state);
  const under = rects.findIndex(
    (rect) => rect && mouse.x >= rect.x && mouse.x < rect.x + rect.width && mouse.y >= rect.y && mouse.y < rect.y + rect.height,
  );
  const held = tui.panes.grabbing ? tui.state.panes.indexOf(tui.panes.grabbing) : -1;
  const at = held >= 0 ? held : under;
  const pane = tui.state.panes[at];
  const rect = rects[at];
  if (!pane || !rect) return true;
  const isPress = mouse.press && wheel === 0 && (mouse.button & motion) === 0;
  const within = (value: number, size: number) => Math.max(0, Math.min(size - 1, value));
  const column = within(mouse.x - rect.x, pane.columns);
  const row = within(mouse.y - rect.y - 1 + firstRow(pane, rect), pane.rows);
  if (at !== tui.state.pane) {
    if (isPress) tui.panes.focus(at);
    if (isPress && pane.mouseTracking === "none") tui.panes.pressed = { pane, row, column };
  } else if (tui.state.scrolling) {
    if (wheel !== 0) pane.scroll(-wheel * wheelRows);
    else dragIn(tui, pane, mouse, { row, column });
  } else if (pane.mouseTracking !== "none" && (mouse.y > rect.y || held >= 0)) {
    if (isPress) tui.panes.grabbing = pane;
    else if (!mouse.press) tui.panes.grabbing = undefined;
    pane.mouse({ ...mouse, x: column, y: row });
  } else if (wheel !== 0) pane.wheel(-wheel * wheelRows);
  else dragIn(tui, pane, mouse, { row, column });
  return true;
}

/** A drag that no program wants selects: lines, or with Alt or Ctrl a rectangle. */
function dragIn(tui: Tui, pane: Pane, mouse: Mouse, at: { row: number; column: number }): void {
  const { panes } = tui;
  if (!mouse.press) panes.pressed = undefined;
  else if ((mouse.button & 3) !== 0) return;
  else if ((mouse.button & motion) === 0) {
    panes.unselect();
    panes.pressed = { pane, ...at };
  } else if (panes.pressed?.pane === pane) panes.drag(pane, panes.pressed, at, (mouse.button & modified) !== 0);
}
