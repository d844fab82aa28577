/** Ctrl-R at the prompt: searches the history backwards as one types, as the shells do. Pure. */
import type { Key } from "./keys.ts";

/** The lines that hold a text, newest first, each once. */
export function findInHistory(lines: readonly string[], text: string): string[] {
  return text === "" ? [] : [...new Set(lines.filter((line) => line.includes(text)))];
}

/** Ctrl-R is older, Ctrl-S newer; Esc and Ctrl-G give up; Return runs what was found, other keys edit it. */
export class BackwardSearch {
  /** What was being typed. */
  readonly before: string;
  readonly #lines: readonly string[];
  #text = "";
  #at = 0;

  constructor(lines: readonly string[], before: string) {
    this.#lines = lines;
    this.before = before;
  }

  /** @returns "on" while it goes on, "left" given up, "taken" with a key that is for the found line */
  press({ name, text }: Key): "on" | "left" | "taken" {
    if (name === "ctrl-r") this.#at++;
    else if (name === "ctrl-s") this.#at--;
    else if (name === "backspace" || name === "ctrl-h") this.#text = this.#text.slice(0, -1);
    else if (name === "escape" || name === "ctrl-g" || name === "ctrl-c") return "left";
    else if (text && name !== "paste") this.#text += text;
    else return "taken";
    this.#at = Math.max(0, Math.min(this.#at, this.#found.length - 1));
    return "on";
  }

  get #found(): string[] {
    return findInHistory(this.#lines, this.#text);
  }

  get line(): string {
    return this.#found[this.#at] ?? "";
  }

  get cursor(): number {
    return Math.max(0, this.line.indexOf(this.#text));
  }

  get prompt(): string {
    return `(${this.#found.length === 0 && this.#text ? "not found" : "search"}) ${this.#text}: `;
  }
}
