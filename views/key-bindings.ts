/**
 * The action table as the user wants it: keys of their own, and their own commands among the actions. One key means one thing
 * in a place: what would mean two is found here. Pure.
 */
import type { CustomCommand } from "./config/settings.ts";
import { customActions } from "./custom-commands.ts";
import { type Action, type KeyContext, keymap } from "./keymap.ts";
import type { ResourceId } from "./resources/index.ts";

/** Actions whose keys can be others: all but the answers to questions, where a slip would do what cannot be undone. */
export const rebindable: readonly Action[] = keymap.filter(({ context }) => context !== "confirm");

export interface Bindings {
  keys: Record<string, string[]>;
  commands: readonly CustomCommand[];
}

/** All actions with the keys that hold; those without any cannot be pressed. */
export function bind({ keys, commands }: Bindings): readonly Action[] {
  if (Object.keys(keys).length === 0 && commands.length === 0) return keymap;
  return [...customActions(commands), ...keymap.flatMap((action) => rebound(action, keys[action.id]))];
}

function rebound(action: Action, names: readonly string[] | undefined): Action[] {
  if (!names) return [action];
  const [first, ...others] = names;
  return first === undefined ? [] : [{ ...action, keys: [first, ...others] }];
}

export interface Conflict {
  key: string;
  actions: [Action, Action];
}

/** The first key that means two things in one place. */
export function conflictIn(actions: readonly Action[]): Conflict | undefined {
  const seen = new Map<string, Action[]>();
  for (const action of actions)
    for (const key of action.keys) {
      const slot = `${action.context} ${key}`;
      const others = seen.get(slot) ?? [];
      const other = others.find((each) => each !== action && meet(each.resources, action.resources));
      if (other) return { key, actions: [other, action] };
      seen.set(slot, [...others, action]);
    }
  return undefined;
}

const meet = (one: readonly ResourceId[] | undefined, other: readonly ResourceId[] | undefined) =>
  !one || !other || one.some((id) => other.includes(id));

/** Places where characters are text. */
const typing: readonly KeyContext[] = ["prompt", "menu", "form"];

/** Is it a place where this key types something? */
export function isTextFor(id: string, key: string): boolean {
  const action = keymap.find((each) => each.id === id);
  return action !== undefined && typing.includes(action.context) && [...key].length === 1;
}

/** Actions without which there is no way out of a place, or of the UI. */
export const wayOut: readonly string[] = [
  ...["app.quit", "project.back", "pager.leave", "tree.leave", "pane.leave", "past.leave"],
  ...["prompt.accept", "prompt.cancel", "menu.choose", "menu.close", "form.cancel", "help.close"],
];
