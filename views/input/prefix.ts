/** The key that calls the UI from a terminal pane: ctrl-b, or ctrl-a inside tmux, whose own prefix ctrl-b is; BERTH_PREFIX chooses. Pure. */

export interface Prefix {
  /** As input/keys.ts names it: "ctrl-b". */
  name: string;
  /** The control character a terminal sends for it. */
  byte: string;
}

export function prefixKey(env: Record<string, string | undefined>): Prefix {
  const wanted = /^(?:ctrl-|c-|\^)([a-z\]\\^_])$/i.exec(env["BERTH_PREFIX"] ?? "")?.[1]?.toLowerCase();
  const letter = wanted ?? (env["TMUX"] ? "a" : "b");
  return { name: `ctrl-${letter}`, byte: String.fromCharCode(letter.toUpperCase().charCodeAt(0) - 64) };
}
