/** Go's %q, which docker's history texts are made with: a build must write the same bytes to give the same image. */

const named: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** strconv.Quote */
export function quoteGo(text: string): string {
  let quoted = "";
  for (const character of text) quoted += named[character] ?? escapeGo(character);
  return `"${quoted}"`;
}

function escapeGo(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x7f || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** %q of a list of strings: ["a" "b"] */
export function quoteGoList(words: readonly string[]): string {
  return `[${words.map(quoteGo).join(" ")}]`;
}
