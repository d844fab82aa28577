/** Keys of the terminal panes, each pressed after the prefix key; every other key goes to the program in the pane. */
import type { Action } from "../keymap.ts";
import type { Tui } from "../tui.ts";

const context = "panes" as const;
const several = (tui: Tui) => (tui.state.panes.length < 2 ? "there is only one terminal" : undefined);

export const paneActions: readonly Action[] = [
  {
    id: "pane.leave",
    keys: ["d", "esc"],
    context,
    label: "leave",
    help: "back to the list; the terminal stays open",
    hint: 1,
    run: (tui) => tui.panes.leave(),
  },
  {
    id: "pane.close",
    keys: ["x"],
    context,
    label: "close",
    help: "close the terminal; an attached container keeps running",
    hint: 2,
    run: (tui) => tui.panes.close(),
  },
  {
    id: "pane.next",
    keys: ["n", "tab", "right", "down"],
    context,
    label: "next",
    help: "next terminal",
    hint: 3,
    disabled: several,
    run: (tui) => tui.panes.step(1),
  },
  {
    id: "pane.previous",
    keys: ["p", "left", "up"],
    context,
    label: "previous",
    help: "previous terminal",
    disabled: several,
    run: (tui) => tui.panes.step(-1),
  },
  ...Array.from(
    { length: 9 },
    (_, index): Action => ({
      id: `pane.${index + 1}`,
      keys: [String(index + 1)],
      context,
      label: `terminal ${index + 1}`,
      help: `terminal ${index + 1}`,
      disabled: (tui) => (index < tui.state.panes.length ? undefined : `there is no terminal ${index + 1}`),
      run: (tui) => tui.panes.focus(index),
    }),
  ),
  {
    id: "pane.zoom",
    keys: ["z"],
    context,
    label: "zoom",
    help: "this terminal alone on the screen, or all of them",
    hint: 4,
    disabled: several,
    run: (tui) => tui.panes.zoom(),
  },
  {
    id: "pane.broadcast",
    keys: ["b"],
    context,
    label: ({ state }) => (state.broadcast ? "type into one" : "type into all"),
    help: "type into all terminals at once, until this key, leaving or zooming ends it",
    disabled: (tui) => several(tui) ?? (tui.state.zoomed ? "the others do not show: zoom out first" : undefined),
    run: (tui) => tui.panes.broadcast(),
  },
  {
    id: "pane.save",
    keys: ["s"],
    context,
    label: "save layout",
    help: "keep which terminals are open under a name, to open them again",
    run: (tui) => tui.prompts.openSaveLayout(),
  },
  {
    id: "pane.past",
    keys: ["["],
    context,
    label: "past",
    help: "move in what has left the screen: whole screens, search, marks, copy",
    hint: 5,
    run: (tui) => tui.panes.openPast(),
  },
  {
    id: "pane.search",
    keys: ["/"],
    context,
    label: "search",
    help: "search upwards in what the terminal has shown",
    run: (tui) => {
      tui.panes.openPast();
      tui.prompts.openPaneSearch();
    },
  },
  {
    id: "pane.back",
    keys: ["pageup"],
    context,
    label: "scroll",
    help: "scroll back half a screen; typing returns to the present",
    run: (tui) => tui.panes.scroll(1),
  },
  {
    id: "pane.forth",
    keys: ["pagedown", "]"],
    context,
    label: "scroll forth",
    help: "scroll forth half a screen",
    run: (tui) => tui.panes.scroll(-1),
  },
  { id: "pane.palette", keys: [":"], context, label: "command", help: "type any command line", run: (tui) => tui.prompts.openPalette("") },
  { id: "pane.help", keys: ["?"], context, label: "help", help: "show all keys", hint: 6, run: (tui) => tui.openHelp() },
];
