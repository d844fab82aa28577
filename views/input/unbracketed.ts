/**
 * What a terminal pastes without saying so looks like keys. More than two in one read, and not the same again and again, were
 * pasted, not pressed: without a text to go into they are for nothing. Pure.
 */
import type { KeyContext } from "../keymap.ts";
import type { ConfirmState } from "../state.ts";

/** How many keys of one read do what they do alone; those behind them go nowhere. */
export function countForKeys(names: readonly string[], context: KeyContext, confirm: ConfirmState | undefined): number {
  const pressed = names.length <= 2 || names.every((name) => name === names[0]);
  return pressed || isText(names, context, confirm) ? names.length : countOfLine(names, context);
}

/** Keys that open a line, and of them those whose line only looks: more may come behind it. */
const openings: Partial<Record<KeyContext, string>> = { list: ":/", pager: ":/&@<>", tree: ":/", scrollback: "/?" };
const looking = "/&@<>?";

/** What goes into a text on the screen; Enter within it would make it several. */
function isText(names: readonly string[], context: KeyContext, confirm: ConfirmState | undefined): boolean {
  if (context === "form") return !names.slice(0, -1).includes("enter");
  return context === "prompt" || ((confirm?.word !== undefined || context === "menu") && !names.includes("enter"));
}

/**
 * ":rm old" or "/web" begins as a command line or a filter does, and may be typed ahead, with Enter at its end. A script may
 * send a filter and keys at once: the filter holds, its keys would be as good as a paste. Of command lines a second one would.
 */
function countOfLine(names: readonly string[], context: KeyContext): number {
  const [first = ""] = names;
  if (!openings[context]?.includes(first)) return 0;
  const length = names.indexOf("enter") + 1 || names.length;
  return length === names.length || looking.includes(first) ? length : 0;
}
