/** The help: every key of the action table, by where it works. Pure. */
import { fill, wrap } from "../../src/format/cells.ts";
import { type Action, type KeyContext, keyLabel } from "../keymap.ts";
import { type ResourceId, resources } from "../resources/index.ts";
import type { Theme } from "../theme.ts";
import type { Tui } from "../tui.ts";

interface Group {
  title: string;
  /** A list, or what has the keyboard. */
  of: KeyContext | ResourceId;
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

/** Groups of actions in reading order. @param keymap all of them, with the keys that hold */
export function helpGroups(prefix: string, keymap: readonly Action[]): Group[] {
  const list = keymap.filter((action) => action.context === "list");
  // What all lists but one have is everybody's.
  const isUsers = ({ id }: Action) => id.startsWith("command.");
  const isOwn = (action: Action) => action.resources !== undefined && !/^(tab|list|app)\./.test(action.id) && !isUsers(action);
  const own = resources.map(({ id, title }) => ({
    title,
    of: id,
    actions: list.filter((action) => isOwn(action) && action.resources?.includes(id)),
  }));
  const everywhere: Group = { title: "In every list", of: "list", actions: list.filter((action) => !isOwn(action) && !isUsers(action)) };
  const users: Group = { title: "Your own commands", of: "list", actions: list.filter(isUsers) };
  const panes: Group = {
    title: `In a terminal, after ${keyLabel(prefix)} (twice sends it)`,
    of: "panes",
    actions: keymap.filter((action) => action.context === "panes"),
  };
  const rest = contextTitles.map(([context, title]) => ({
    title,
    of: context,
    actions: keymap.filter((action) => action.context === context),
  }));
  return [users, ...own, everywhere, panes, ...rest].filter((group) => group.actions.length > 0);
}

/** All lines of the help, for a width: the keys of where it was called first. */
export function helpLines(width: number, { prefix, keymap, state }: Pick<Tui, "prefix" | "keymap" | "state">, theme: Theme): string[] {
  const groups = helpGroups(prefix, keymap);
  const here = groups.filter(({ of }) => of === state.view || (state.view === "list" && of === state.resource));
  const lines = [...here, ...groups.filter((group) => !here.includes(group))].flatMap(({ title, actions }) => [
    theme.paint("title", ` ${title}`),
    ...actions.flatMap(({ keys, help }) => keyLines(keys, help, width, theme)),
    "",
  ]);
  const notes = [` A terminal pane also understands ^P^Q, docker's keys to detach.`, ` Keys can be others: 'berth config' shows where.`];
  return [...lines, ...notes.flatMap((note) => wrap(note, width))];
}

/** Cells of the column of keys. */
const keyColumn = 18;

/** The keys of an action beside what it does, which takes the rows that it needs. */
function keyLines(keys: readonly string[], help: string, width: number, theme: Theme): string[] {
  const texts = wrap(help, Math.max(1, width - keyColumn - 2));
  return texts.map((text, at) => `${theme.paint("key", fill(at === 0 ? `  ${keys.map(keyLabel).join(" ")}` : "", keyColumn))} ${text}`);
}
