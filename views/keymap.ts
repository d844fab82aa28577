/**
 * The action table: everything a key does, once. The dispatcher, the footer's hints, the help and the tests read it.
 * Actions that change something are command lines: they run through the same dispatcher as the shell's, and the command
 * log shows them. The entries live in keys/ by context.
 */

import type { ErrorCode, Verb } from "../engine/index.ts";
import { containerActions } from "./keys/containers.ts";
import { confirmActions, helpActions, promptActions } from "./keys/dialogs.ts";
import { eventActions } from "./keys/events.ts";
import { formActions } from "./keys/forms.ts";
import { hostActions } from "./keys/hosts.ts";
import { listActions } from "./keys/list.ts";
import { menuActions } from "./keys/menus.ts";
import { objectActions } from "./keys/objects.ts";
import { pagerActions } from "./keys/pager.ts";
import { paneActions } from "./keys/panes.ts";
import { projectActions } from "./keys/projects.ts";
import { registryActions } from "./keys/registries.ts";
import { scrollbackActions } from "./keys/scrollback.ts";
import { treeActions } from "./keys/tree.ts";
import type { ResourceId } from "./resources/index.ts";
import type { Tui } from "./tui.ts";

/** What is asked before something is done that cannot be undone. */
export interface Question {
  question: string;
  detail?: string[];
  /** Many things at once, or by force: a word is to be typed for yes, where a key does otherwise. */
  grave?: boolean;
}

/** Where a key is looked up: the topmost thing on the screen. */
export type KeyContext = "list" | "pager" | "tree" | "panes" | "scrollback" | "prompt" | "confirm" | "menu" | "form" | "help";

export interface Action {
  /** Unique: "container.stop". */
  id: string;
  /** Names as input/keys.ts gives them; the first one is shown. */
  keys: readonly [string, ...string[]];
  context: KeyContext;
  /** Only with these lists in front; default all. */
  resources?: readonly ResourceId[];
  /** One or two words for the footer; may follow what is selected. */
  label: string | ((tui: Tui) => string);
  /** A line for the help. */
  help: string;
  /** Place in the footer, lowest first; without it the footer does not show it. */
  hint?: number;
  /** Verbs of the engine that its command line comes down to: a host that cannot do one of them says why. */
  needs?: readonly Verb[] | ((tui: Tui) => readonly Verb[]);
  /** Why it cannot be done now; undefined when it can. */
  disabled?(tui: Tui): string | undefined;
  /** It opens a terminal or a line to type in, and people type on: where it cannot, what they type meanwhile is no key of the list. */
  typedInto?: true;
  /** Not among the keys at the bottom: it does something else just now. */
  hidden?(tui: Tui): boolean;
  /** The command line it runs, as words. */
  words?(tui: Tui): string[];
  /** Asked before the command line runs; names the objects. Nothing is asked and nothing runs where there is none to ask. */
  confirm?(tui: Tui): Question | Promise<Question | undefined>;
  /** What to do when its command line fails with an error of this code: asked, then another line is run. */
  rescue?: { code: ErrorCode; question(words: readonly string[]): Question; words(words: readonly string[]): string[] };
  /** Shows the command's output, a short one as a note; "screen" always in a pager. Default: a note at its end. */
  output?: boolean | "screen";
  /** What it does when it is no command line. */
  run?(tui: Tui): void;
}

export const keymap: readonly Action[] = [
  ...containerActions,
  ...objectActions,
  ...projectActions,
  ...hostActions,
  ...registryActions,
  ...eventActions,
  ...listActions,
  ...pagerActions,
  ...treeActions,
  ...paneActions,
  ...scrollbackActions,
  ...promptActions,
  ...confirmActions,
  ...menuActions,
  ...formActions,
  ...helpActions,
];

/** The action of a key in a context; a resource's own entry goes before one for all. @param among the user's own table (key-bindings.ts) */
export function findAction(context: KeyContext, key: string, resource: ResourceId, among = keymap): Action | undefined {
  return among.find((action) => action.context === context && action.keys.includes(key) && (action.resources?.includes(resource) ?? true));
}

/** What can be pressed in a context, in the table's order. */
export function actionsIn(context: KeyContext, resource: ResourceId, among = keymap): Action[] {
  return among.filter((action) => action.context === context && (action.resources?.includes(resource) ?? true));
}

/** Why an action cannot be done: its host is not able to, or not now; undefined when it can. */
export function whyNot(action: Action, tui: Tui): string | undefined {
  const needs = typeof action.needs === "function" ? action.needs(tui) : (action.needs ?? []);
  const missing = needs.map((verb) => tui.state.cannot[verb]).find((why) => why !== undefined);
  return missing ?? action.disabled?.(tui);
}

export function labelOf(action: Action, tui: Tui): string {
  return typeof action.label === "string" ? action.label : action.label(tui);
}

/** A text with keys in the place of the actions it speaks of: "<app.demo>" becomes "D", or what the user has made of it; of one without a key its name. */
export function withKeys(text: string, among: readonly Action[] = keymap): string {
  return text.replace(/<([a-z]+\.[a-z]+)>/g, (whole, id) => {
    const bound = among.find((action) => action.id === id);
    if (bound) return keyLabel(bound.keys[0]);
    return keymap.some((action) => action.id === id) ? id : whole;
  });
}

const shown: Record<string, string> = {
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  enter: "⏎",
  esc: "Esc",
  space: "Space",
  tab: "Tab",
  pageup: "PgUp",
  pagedown: "PgDn",
};

/** A key as people write it: "^C", "PgUp", "j". */
export function keyLabel(key: string): string {
  if (key.startsWith("ctrl-")) return `^${key.slice(5).toUpperCase()}`;
  if (key === "shift-tab") return "S-Tab";
  return shown[key] ?? (key.length > 1 ? key[0]!.toUpperCase() + key.slice(1) : key);
}
