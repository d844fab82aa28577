/** The key that calls the UI from a terminal pane, as its name and as what a terminal sends. config/resolve.ts chooses it. Pure. */

/** "ctrl-x", "c-x", "^x": the letter of a control character; undefined for anything else. */
export function controlLetter(text: string): string | undefined {
  return /^(?:ctrl-|c-|\^)([a-z\]\\^_])$/i.exec(text)?.[1]?.toLowerCase();
}

/** The control character that a terminal sends. @param name "ctrl-b" */
export function prefixByte(name: string): string {
  return String.fromCharCode(name.at(-1)!.toUpperCase().charCodeAt(0) - 64);
}
