/** Go's strconv.Quote: one line in double quotes, whatever the text holds. Pure. */

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
