/** The help: every key of the action table, by where it works. Pure. */
import { fill, truncate } from "../../src/format/cells.ts";
import { type Action, type KeyContext, keyLabel, keymap } from "../keymap.ts";
import { resources } from "../resources/index.ts";
import type { Theme } from "../theme.ts";

interface Group {
  title: string;
  actions: Action[];
}

const contextTitles: [KeyContext, string][] = [
  ["scrollback", "In the past of a terminal"],
  ["pager", "In logs, inspect and output"],
  ["tree", "In a tree: files, JSON"],
  ["prompt", "While typing"],
  ["confirm", "Questions"],
  ["menu", "In a menu"],
  ["form", "In a form"],
  ["help", "This help"],
];

/** Groups of actions in reading order. */
export function helpGroups(prefix: string): Group[] {
  const list = keymap.filter((action) => action.context === "list");
  // What all lists but one have is everybody's.
  const isOwn = ({ id, resources: own }: Action) => own !== undefined && !/^(tab|list|app)\./.test(id);
  const own = resources.map(({ id, title }) => ({
    title,
    actions: list.filter((action) => isOwn(action) && action.resources?.includes(id)),
  }));
  const everywhere = { title: "In every list", actions: list.filter((action) => !isOwn(action)) };
  const panes = {
    title: `In a terminal, after ${keyLabel(prefix)} (twice sends it)`,
    actions: keymap.filter((action) => action.context === "panes"),
  };
  const rest = contextTitles.map(([context, title]) => ({ title, actions: keymap.filter((action) => action.context === context) }));
  return [...own, everywhere, panes, ...rest].filter((group) => group.actions.length > 0);
}

/** All lines of the help, for a width. */
export function helpLines(width: number, prefix: string, theme: Theme): string[] {
  const lines = helpGroups(prefix).flatMap(({ title, actions }) => [
    theme.paint("title", ` ${title}`),
    ...actions.map(
      (action) => `${theme.paint("key", fill(`  ${action.keys.map(keyLabel).join(" ")}`, 18))} ${truncate(action.help, width - 20)}`,
    ),
    "",
  ]);
  const notes = [` A terminal pane also understands ^P^Q, docker's keys to detach.`, ` BERTH_PREFIX=ctrl-x chooses another prefix key.`];
  return [...lines, ...notes.map((note) => truncate(note, width))];
}
