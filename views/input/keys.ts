/** Key presses as names: "j", "G", "ctrl-b", "pagedown", "enter". One terminal read may hold many ("jj", "ls\r"). Pure. */
import type { Key } from "ink";
import { functionKey } from "./function-keys.ts";

const flags: readonly (readonly [keyof Key, string])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pageup"],
  ["pageDown", "pagedown"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "esc"],
  ["backspace", "backspace"],
  ["delete", "delete"],
];

const controls: Record<string, string> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\x1b": "esc",
  "\x7f": "backspace",
  "\x08": "backspace",
  " ": "space",
};

/** The names of the keys in one input event of Ink. */
export function keyNames(input: string, key: Key): string[] {
  if (key.eventType === "release") return [];
  if (key.tab) return [key.shift ? "shift-tab" : "tab"];
  const named = flags.find(([flag]) => key[flag]);
  if (named && !input) return [named[1]];
  if (key.ctrl && input.length === 1) return [`ctrl-${input}`];
  if (key.meta && [...input].length === 1) return [`alt-${input}`];
  return textKeys(input);
}

/** Each character of a text as a key. */
export function textKeys(text: string): string[] {
  return Array.from(text, (character) => {
    const control = controls[character] ?? functionKey(character);
    if (control) return control;
    const code = character.charCodeAt(0);
    return code < 0x20 ? `ctrl-${String.fromCharCode(code + 96)}` : character;
  });
}

/** The character that a key types into a line of text; undefined for keys that do something else. */
export function typed(key: string): string | undefined {
  if (key === "space") return " ";
  return [...key].length === 1 ? key : undefined;
}

/** Sent as keys of other names: ctrl-i is Tab, ctrl-m Enter. */
const doubles = ["ctrl-i", "ctrl-m", "ctrl-j", "ctrl-h"];
const named = new Set([...flags.map(([, name]) => name), ...Object.values(controls), "shift-tab"]);

/** Is it the name of a key that a terminal can send? */
export function isKeyName(name: string): boolean {
  if (named.has(name) || /^alt-[!-~]$/.test(name) || /^f([1-9]|1[0-2])$/.test(name)) return true;
  return /^ctrl-[a-z]$/.test(name) ? !doubles.includes(name) : [...name].length === 1 && name.trim() !== "";
}
