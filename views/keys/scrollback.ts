/** Keys in the past of a terminal: what has left its screen. The program gets none of them. */
import type { Action } from "../keymap.ts";
import type { Tui } from "../tui.ts";

const context = "scrollback" as const;

const searched = (tui: Tui) => (tui.state.panes[tui.state.pane]?.history.searched ? undefined : "search for something first with /");
const selection = (tui: Tui) => tui.state.panes[tui.state.pane]?.history.selection;
const selected = (tui: Tui) => (selection(tui)?.active ? undefined : "nothing is selected: v selects lines");
const rectangle = (tui: Tui) =>
  selection(tui)?.active && selection(tui)?.isRectangle ? undefined : "there is no rectangle: Ctrl-V selects one";
const unlessFound = (tui: Tui, found: boolean) => void (found || tui.notes.info("that is not in here"));

export const scrollbackActions: readonly Action[] = [
  {
    id: "past.leave",
    keys: ["esc", "q", "enter", "ctrl-c"],
    context,
    label: "present",
    help: "end the selection; then back to the present, and to the program",
    hint: 1,
    run: (tui) => {
      if (!tui.panes.unselect()) tui.panes.closePast();
    },
  },
  { id: "past.up", keys: ["k", "up"], context, label: "up", help: "a row back", run: (tui) => tui.panes.scrollBy(1) },
  { id: "past.down", keys: ["j", "down"], context, label: "down", help: "a row forth", run: (tui) => tui.panes.scrollBy(-1) },
  {
    id: "past.pageup",
    keys: ["pageup", "ctrl-b", "b"],
    context,
    label: "screen back",
    help: "a whole screen back",
    hint: 2,
    run: (tui) => tui.panes.turn(1),
  },
  {
    id: "past.pagedown",
    keys: ["pagedown", "ctrl-f", "space"],
    context,
    label: "screen forth",
    help: "a whole screen forth",
    run: (tui) => tui.panes.turn(-1),
  },
  { id: "past.halfup", keys: ["ctrl-u"], context, label: "half back", help: "half a screen back", run: (tui) => tui.panes.scroll(1) },
  { id: "past.halfdown", keys: ["ctrl-d"], context, label: "half forth", help: "half a screen forth", run: (tui) => tui.panes.scroll(-1) },
  {
    id: "past.first",
    keys: ["g", "home"],
    context,
    label: "oldest",
    help: "the oldest line that is kept",
    run: (tui) => tui.panes.scrollBy(Number.POSITIVE_INFINITY),
  },
  {
    id: "past.last",
    keys: ["G", "end"],
    context,
    label: "newest",
    help: "the newest line",
    run: (tui) => tui.panes.scrollBy(Number.NEGATIVE_INFINITY),
  },
  {
    id: "past.search",
    keys: ["/", "?"],
    context,
    label: "search",
    help: "search upwards: a regular expression; lower case finds any case",
    hint: 3,
    run: (tui) => tui.prompts.openPaneSearch(),
  },
  {
    id: "past.next",
    keys: ["n"],
    context,
    label: "next",
    help: "the next match, upwards",
    hint: 4,
    disabled: searched,
    run: (tui) => unlessFound(tui, tui.panes.findNext(-1)),
  },
  {
    id: "past.previous",
    keys: ["N"],
    context,
    label: "previous",
    help: "the match before, downwards",
    disabled: searched,
    run: (tui) => unlessFound(tui, tui.panes.findNext(1)),
  },
  {
    id: "past.mark",
    keys: ["m"],
    context,
    label: "mark",
    help: "mark the place that is in sight, or take its mark away",
    hint: 5,
    run: (tui) => void tui.notes.info(tui.panes.mark() ? "marked: [ and ] come back to it" : "the mark is gone"),
  },
  {
    id: "past.markup",
    keys: ["["],
    context,
    label: "mark above",
    help: "to the mark above",
    run: (tui) => void (tui.panes.jump(-1) || tui.notes.info("nothing is marked: m marks a place")),
  },
  {
    id: "past.markdown",
    keys: ["]"],
    context,
    label: "mark below",
    help: "to the mark below",
    run: (tui) => void (tui.panes.jump(1) || tui.notes.info("nothing is marked: m marks a place")),
  },
  {
    id: "past.copy",
    keys: ["y"],
    context,
    label: "copy",
    help: "copy what is selected, or in sight, to the clipboard, wrapped lines joined",
    hint: 6,
    run: (tui) => {
      tui.copy(tui.panes.text);
      tui.panes.unselect();
    },
  },
  {
    id: "past.select",
    keys: ["v"],
    context,
    label: "select",
    help: "select lines: moving selects, y copies them; so does dragging the mouse",
    hint: 5.5,
    run: (tui) => tui.panes.select(false),
  },
  {
    id: "past.rectangle",
    keys: ["ctrl-v"],
    context,
    label: "rectangle",
    help: "select a rectangle; so does dragging the mouse with Alt",
    run: (tui) => tui.panes.select(true),
  },
  {
    id: "past.left",
    keys: ["left"],
    context,
    label: "left",
    help: "the side of a rectangle a column to the left",
    disabled: rectangle,
    run: (tui) => tui.panes.moveSelection(0, -1),
  },
  {
    id: "past.right",
    keys: ["right"],
    context,
    label: "right",
    help: "the side of a rectangle a column to the right",
    disabled: rectangle,
    run: (tui) => tui.panes.moveSelection(0, 1),
  },
  {
    id: "past.corner",
    keys: ["x"],
    context,
    label: "other end",
    help: "move the other end of what is selected",
    disabled: selected,
    run: (tui) => tui.panes.turnSelection(),
  },
  { id: "past.help", keys: ["f1", "h"], context, label: "help", help: "show all keys", hint: 7, run: (tui) => tui.openHelp() },
];
