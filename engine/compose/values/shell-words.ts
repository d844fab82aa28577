/**
 * A command as a text, taken apart like a shell would: quotes and backslashes, nothing expanded. `…` and $(…) stay in one word, and an
 * unquoted ; & | < or > ends it all, as with docker compose. Pure.
 */

/** What is open: a quote's letter, "`", or ")" for $(…). */
type Open = "" | "'" | '"' | "`" | ")";

/** undefined where something is not closed. */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let open: Open = "";
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === "\\" && open !== "'") {
      if (++at === text.length) return undefined;
      word = (word ?? "") + text[at];
    } else if (/[ \t\r\n]/.test(letter) && open === "") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[;&|<>]/.test(letter) && open === "") {
      if (letter === ">" && /^\d/.test(word ?? "")) word = undefined; // the descriptor of a redirection
      break;
    } else {
      const next = opened(open, letter, word ?? "");
      if (next === undefined) return undefined;
      // Quotes go, what else opens and closes stays.
      const isQuote = next !== open && (letter === "'" || letter === '"');
      word = (word ?? "") + (isQuote ? "" : letter);
      open = next;
    }
  }
  if (open !== "") return undefined;
  return word === undefined ? words : [...words, word];
}

function opened(open: Open, letter: string, word: string): Open | undefined {
  if (open !== "") return letter === open ? "" : open;
  if (letter === "'" || letter === '"' || letter === "`") return letter;
  if (letter === "(") return word.endsWith("$") ? ")" : undefined;
  return letter === ")" ? undefined : "";
}
