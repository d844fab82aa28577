/**
 * Text from containers, images and registries on its way into lists, tables and errors: control characters, which could
 * move the cursor, retitle the window or answer for the user, become visible escapes. Streams of logs and attached
 * sessions are not touched; there the terminal is the program's. So do bytes that are not UTF-8, which names of files may
 * hold and strings have as lone low surrogates (engine/image/tar/names.ts). Pure.
 */

/** C0 but tab and newline, DEL, C1, and the bidirectional overrides that reorder text (Trojan Source). */
const dangerous = /(?<![\ud800-\udbff])[\udc80-\udcff]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const dangerousInLine = /(?<![\ud800-\udbff])[\udc80-\udcff]|[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const named: Record<string, string> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };

function visible(character: string): string {
  const unit = character.charCodeAt(0);
  const code = unit >= 0xdc80 && unit <= 0xdcff ? unit - 0xdc00 : unit;
  return named[character] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`);
}

/** For text of several lines: newlines and tabs stay. */
export function neutralise(text: string): string {
  return text.replace(dangerous, visible);
}

/** For JSON, which leaves DEL, C1 and the overrides as they are: its own escapes, so that who reads it loses nothing. */
export function neutraliseJson(text: string): string {
  return text.replace(dangerous, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** For one cell or one line: nothing that moves the cursor stays. */
export function neutraliseLine(text: string): string {
  return text.replace(dangerousInLine, visible);
}
