/** Command lines as text: quoted so that pasting one into a shell or the palette runs the same words. Pure. */

/** Words as one line a shell would split the same way. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./~*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** The line as one would type it in a shell. */
export function shellLine(words: readonly string[]): string {
  return `berth ${joinWords(words)}`;
}
