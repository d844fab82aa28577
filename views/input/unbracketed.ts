/**
 * What a terminal pastes without saying so looks like keys. More than two in one read, and not the same again and again, were
 * pasted, not pressed: without a text to go into they are for nothing. Pure.
 */
import type { KeyContext } from "../keymap.ts";
import type { ConfirmState } from "../state.ts";

/** Whether keys of one read do what they do alone. */
export function isForKeys(names: readonly string[], context: KeyContext, confirm: ConfirmState | undefined): boolean {
  const pressed = names.length <= 2 || names.every((name) => name === names[0]);
  return pressed || isText(names, context, confirm) || isLine(names, context);
}

/** Keys that open a line. */
const openings: Partial<Record<KeyContext, string>> = { list: ":/", pager: ":/&@<>", tree: ":/", scrollback: "/?" };

/** What goes into a text on the screen; Enter within it would make it several. */
function isText(names: readonly string[], context: KeyContext, confirm: ConfirmState | undefined): boolean {
  if (context === "form") return !names.slice(0, -1).includes("enter");
  return context === "prompt" || ((confirm?.word !== undefined || context === "menu") && !names.includes("enter"));
}

/** ":rm old" or "/web", with Enter at the end at most: it begins as a command line or a filter does, and may be typed ahead. */
function isLine([first = "", ...rest]: readonly string[], context: KeyContext): boolean {
  const enter = rest.indexOf("enter");
  return openings[context]?.includes(first) === true && (enter < 0 || enter === rest.length - 1);
}
