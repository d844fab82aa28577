/**
 * Keys typed while it is not yet known who gets them: a command may be about to open a terminal. "e", then "ls" typed
 * fast, must not stop a container. They go to the terminal once it is there, else where they would have gone.
 */
import type { Sink } from "./router.ts";

const bytes: Record<string, string> = {
  enter: "\r",
  tab: "\t",
  "shift-tab": "\x1b[Z",
  esc: "\x1b",
  backspace: "\x7f",
  space: " ",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  delete: "\x1b[3~",
  pageup: "\x1b[5~",
  pagedown: "\x1b[6~",
};

/** What a terminal sends for a key, by its name. */
export function bytesOf(key: string): string {
  const [, modifier, letter = ""] = /^(ctrl|alt)-(.)$/u.exec(key) ?? [];
  if (modifier === "ctrl") return String.fromCharCode(letter.charCodeAt(0) & 0x1f);
  if (modifier === "alt") return `\x1b${letter}`;
  return bytes[key] ?? ([...key].length === 1 ? key : "");
}

export class HeldKeys {
  #keys: string[] = [];
  #holders = 0;
  #replay: (key: string) => void;

  /** @param replay takes the keys that no terminal wanted */
  constructor(replay: (key: string) => void) {
    this.#replay = replay;
  }

  /** Holds keys until the returned function is called, with the terminal that gets them if there is one. */
  hold(): (sink?: Sink) => void {
    this.#holders++;
    let isOver = false;
    return (sink) => {
      if (isOver) return;
      isOver = true;
      this.#holders--;
      if (sink) sink.type(Buffer.from(this.#keys.splice(0).map(bytesOf).join("")));
      else if (this.#holders === 0) for (const key of this.#keys.splice(0)) this.#replay(key);
    };
  }

  /** True when the key is held. */
  take(key: string): boolean {
    if (this.#holders > 0) this.#keys.push(key);
    return this.#holders > 0;
  }
}
