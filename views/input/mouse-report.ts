/**
 * Mouse reports as a program asked for them: which ones (modes 9, 1000, 1002, 1003) and in what notation (its default,
 * 1005, 1006, 1015). The user's terminal always reports in that of 1006. Pure.
 */
import type { Mouse } from "./router.ts";

/** As xterm names them. */
export type MouseTracking = "none" | "x10" | "vt200" | "drag" | "any";
export type MouseNotation = "default" | "utf8" | "sgr" | "urxvt";

/** The modes that choose a notation. 1016 counts in pixels, which nobody here knows: such a program gets cells. */
export const notations: Record<number, MouseNotation> = { 1005: "utf8", 1006: "sgr", 1015: "urxvt", 1016: "sgr" };

const motion = 32;
const wheel = 64;
const noButton = 3;

/** Coordinates that fit into one byte, and into two of UTF-8. */
const largest = { default: 223, utf8: 2015 };

/** Has the program asked for this one? */
function isWanted({ button, press }: Mouse, tracking: MouseTracking): boolean {
  if (tracking === "none") return false;
  if (tracking === "x10") return press && button < motion;
  if ((button & motion) === 0) return true;
  return tracking === "any" || (tracking === "drag" && (button & noButton) !== noButton);
}

/** The bytes of a report, its coordinates from 0 within the program's screen; none when it was not asked for or cannot be said. */
export function mouseReport(mouse: Mouse, tracking: MouseTracking, notation: MouseNotation): Buffer {
  if (!isWanted(mouse, tracking)) return Buffer.alloc(0);
  const { x, y, press } = mouse;
  const button = tracking === "x10" ? mouse.button & noButton : mouse.button;
  if (notation === "sgr") return Buffer.from(`\x1b[<${button};${x + 1};${y + 1}${press ? "M" : "m"}`);
  // The older notations do not say which button was let go.
  const code = 32 + (press || button >= wheel ? button : (button & ~noButton) | noButton);
  if (notation === "urxvt") return Buffer.from(`\x1b[${code};${x + 1};${y + 1}M`);
  if (Math.max(x, y) + 1 > largest[notation]) return Buffer.alloc(0);
  return Buffer.from(`\x1b[M${String.fromCharCode(code, x + 33, y + 33)}`, notation === "utf8" ? "utf8" : "latin1");
}
