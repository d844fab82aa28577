/** Go's %q, which docker shows commands with and writes histories with: a build must write the same bytes to give the same image. Pure. */

const named: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** What Go does not print as it is: controls, format characters, separators but the blank, surrogates, unassigned. */
const unprintable = /["\\]|(?! )[\p{C}\p{Z}]/gu;

/** strconv.Quote: one line in double quotes, whatever the text holds. */
export function goQuote(text: string): string {
  return `"${text.replace(unprintable, escaped)}"`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = (digits: number) => code.toString(16).padStart(digits, "0");
  if (character in named) return named[character]!;
  if (code < 0x80) return `\\x${hex(2)}`;
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

/** %q of a list of strings: ["a" "b"] */
export function goQuoteList(words: readonly string[]): string {
  return `[${words.map(goQuote).join(" ")}]`;
}
