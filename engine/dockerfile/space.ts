/**
 * White space as Go's unicode.IsSpace has it. BuildKit trims and splits with that set, and it is not JavaScript's `\s`:
 * U+0085 is in, U+FEFF is out.
 */

const spaces = "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const leading = new RegExp(`^[${spaces}]+`);
const other = new RegExp(`[${spaces}]`);

export function isSpace(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return other.test(character);
}

export function trimStart(text: string): string {
  return text !== "" && isSpace(text[0]!) ? text.replace(leading, "") : text;
}

export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1]!)) end--;
  return end === text.length ? text : text.slice(0, end);
}

export function trimSpace(text: string): string {
  return trimStart(trimEnd(text));
}
