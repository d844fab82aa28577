/** Keys of menus; letters find an item. */
import type { Action } from "../keymap.ts";

const context = "menu" as const;
const screen = 10;

export const menuActions: readonly Action[] = [
  {
    id: "menu.choose",
    keys: ["enter"],
    context,
    label: "choose",
    help: "what the cursor is on; letters find it",
    hint: 1,
    run: (tui) => tui.menus.choose(),
  },
  { id: "menu.close", keys: ["esc", "ctrl-c"], context, label: "leave", help: "nothing of it", hint: 2, run: (tui) => tui.menus.close() },
  {
    id: "menu.order",
    keys: ["ctrl-o"],
    context,
    label: "order",
    help: "order by the next column",
    hint: 3,
    disabled: ({ state: { menu } }) => (menu?.items[0]?.orders ? undefined : "this menu has one order"),
    run: (tui) => tui.menus.reorder(),
  },
  {
    id: "menu.later",
    keys: ["right"],
    context,
    label: "later",
    help: "move it behind the next, where the order is yours",
    disabled: ({ state: { menu } }) => (menu?.items.some(({ shift }) => shift) ? undefined : "this menu has one order"),
    run: (tui) => tui.menus.shift(1),
  },
  {
    id: "menu.earlier",
    keys: ["left"],
    context,
    label: "earlier",
    help: "move it before the one before, where the order is yours",
    disabled: ({ state: { menu } }) => (menu?.items.some(({ shift }) => shift) ? undefined : "this menu has one order"),
    run: (tui) => tui.menus.shift(-1),
  },
  { id: "menu.down", keys: ["down", "tab", "ctrl-n"], context, label: "down", help: "the next", run: (tui) => tui.menus.move(1) },
  { id: "menu.up", keys: ["up", "shift-tab", "ctrl-p"], context, label: "up", help: "the one before", run: (tui) => tui.menus.move(-1) },
  {
    id: "menu.pagedown",
    keys: ["pagedown", "end"],
    context,
    label: "down",
    help: "ten further",
    run: (tui) => tui.menus.move(screen),
  },
  { id: "menu.pageup", keys: ["pageup", "home"], context, label: "up", help: "ten back", run: (tui) => tui.menus.move(-screen) },
];
