/** The key that calls the UI from a terminal pane: ctrl-b, or ctrl-a inside tmux, whose own prefix ctrl-b is; BERTH_PREFIX or the configuration chooses. Pure. */

export interface Prefix {
  /** As input/keys.ts names it: "ctrl-b". */
  name: string;
  /** The control character a terminal sends for it. */
  byte: string;
}

/** "ctrl-x", "c-x", "^x": the letter of a control character; undefined for anything else. */
export function controlLetter(text: string): string | undefined {
  return /^(?:ctrl-|c-|\^)([a-z\]\\^_])$/i.exec(text)?.[1]?.toLowerCase();
}

export function prefixKey(env: Record<string, string | undefined>, configured?: string): Prefix {
  const letter = controlLetter(env["BERTH_PREFIX"] ?? "") ?? controlLetter(configured ?? "") ?? (env["TMUX"] ? "a" : "b");
  return { name: `ctrl-${letter}`, byte: String.fromCharCode(letter.toUpperCase().charCodeAt(0) - 64) };
}
