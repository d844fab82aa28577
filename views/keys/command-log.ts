/** The menu of the log of commands, the newest first. */
import { outcomeOf } from "../command-log.ts";
import type { CommandEntry, MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";

/** Cells of an outcome. */
const outcomeWidth = 9;

export function openCommandLog(tui: Tui): void {
  const items = tui.state.commands.toReversed().map((entry) => itemOf(tui, entry));
  const save: MenuItem = { label: "save", text: "all of them, as a script", choose: () => tui.prompts.openSaveScript() };
  tui.menus.open("What was run", [...items, save]);
}

function itemOf(tui: Tui, entry: CommandEntry): MenuItem {
  const { at, line, again } = entry;
  const choose = () =>
    tui.menus.open(line, [
      { label: "again", text: "as a command line, to run it or to change it", choose: () => tui.prompts.openPalette(again) },
      { label: "copy", text: "the line", choose: () => tui.copy(line) },
    ]);
  return { label: new Date(at).toTimeString().slice(0, 8), text: `${outcomeOf(entry).padEnd(outcomeWidth)} ${line}`, choose };
}
