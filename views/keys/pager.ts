/** Keys of the full-screen views over lines: logs, inspect, the output of commands. */
import type { Action } from "../keymap.ts";
import type { Tui } from "../tui.ts";

const context = "pager" as const;

const onlyLogs = (tui: Tui) => (tui.state.pager?.kind === "logs" ? undefined : "only log lines have a time");
const cut = (tui: Tui) => (tui.state.pager?.wrap ? "lines are wrapped: w cuts them" : undefined);
const sideways = 16;
const searched = (tui: Tui) => (tui.state.pager?.search ? undefined : "search for something first with /");

export const pagerActions: readonly Action[] = [
  { id: "pager.back", keys: ["esc", "q"], context, label: "back", help: "back to the list", hint: 1, run: (tui) => tui.pagers.close() },
  { id: "pager.down", keys: ["j", "down"], context, label: "down", help: "a row down", run: (tui) => tui.pagers.scroll(1) },
  { id: "pager.up", keys: ["k", "up"], context, label: "up", help: "a row up; stops following", run: (tui) => tui.pagers.scroll(-1) },
  {
    id: "pager.pagedown",
    keys: ["pagedown", "space", "ctrl-d", "ctrl-f"],
    context,
    label: "page down",
    help: "a screen down",
    run: (tui) => tui.pagers.scroll(tui.layout.pagerRows - 1),
  },
  {
    id: "pager.pageup",
    keys: ["pageup", "ctrl-u", "ctrl-b"],
    context,
    label: "page up",
    help: "a screen up",
    run: (tui) => tui.pagers.scroll(1 - tui.layout.pagerRows),
  },
  {
    id: "pager.right",
    keys: ["right"],
    context,
    label: "right",
    help: "sideways to the right, when lines are cut",
    disabled: cut,
    run: (tui) => tui.pagers.shift(sideways),
  },
  {
    id: "pager.left",
    keys: ["left"],
    context,
    label: "left",
    help: "sideways to the left",
    disabled: cut,
    run: (tui) => tui.pagers.shift(-sideways),
  },
  { id: "pager.first", keys: ["g", "home"], context, label: "top", help: "first line", hint: 9, run: (tui) => tui.pagers.toStart() },
  {
    id: "pager.last",
    keys: ["G", "end", "f"],
    context,
    label: "follow",
    help: "last line, and follow what comes",
    hint: 6,
    run: (tui) => tui.pagers.follow(),
  },
  {
    id: "pager.pause",
    keys: ["p"],
    context,
    label: (tui) => (tui.state.pager?.pausedAt === undefined ? "pause" : "resume"),
    help: "hold the screen while lines come, or let go",
    hint: 5,
    run: (tui) => tui.pagers.pause(),
  },
  {
    id: "pager.search",
    keys: ["/"],
    context,
    label: "search",
    help: "search; lower case finds any case",
    hint: 2,
    run: (tui) => tui.prompts.openSearch(),
  },
  { id: "pager.next", keys: ["n"], context, label: "next", help: "next match", disabled: searched, run: (tui) => tui.pagers.findNext(1) },
  {
    id: "pager.previous",
    keys: ["N"],
    context,
    label: "previous",
    help: "previous match",
    disabled: searched,
    run: (tui) => tui.pagers.findNext(-1),
  },
  {
    id: "pager.wrap",
    keys: ["w"],
    context,
    label: "wrap",
    help: "wrap or cut long lines",
    hint: 3,
    run: (tui) => tui.pagers.toggle("wrap"),
  },
  {
    id: "pager.save",
    keys: ["s"],
    context,
    label: "save",
    help: "save all lines to a file, times included while they show",
    hint: 7,
    run: (tui) => tui.prompts.openSave(tui.pagers.fileName),
  },
  {
    id: "pager.timestamps",
    keys: ["t"],
    context,
    label: "times",
    help: "show or hide the time of each line",
    hint: 4,
    disabled: onlyLogs,
    run: (tui) => tui.pagers.toggle("timestamps"),
  },
  {
    id: "pager.cancel",
    keys: ["ctrl-c"],
    context,
    label: "cancel",
    help: "cancel the command whose output this is; else back to the list",
    run: (tui) => tui.pagers.cancel(),
  },
  { id: "pager.palette", keys: [":"], context, label: "command", help: "type any command line", run: (tui) => tui.prompts.openPalette("") },
  { id: "pager.help", keys: ["?", "f1"], context, label: "help", help: "show all keys", hint: 8, run: (tui) => tui.openHelp() },
];
