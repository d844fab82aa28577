/** The key sequence that leaves a session (docker's notation "ctrl-p,ctrl-q"), found in a stream of bytes. */
import { EngineError } from "./errors.ts";

const defaultKeys = "ctrl-p,ctrl-q";
const controls: Record<string, number> = { "@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, _: 31 };

/** "ctrl-p,ctrl-q" → [16, 17]. @throws EngineError `invalid` */
export function parseDetachKeys(text: string): number[] {
  if (text === "") return [];
  return text.split(",").map((key) => {
    if (key.length === 1) return key.charCodeAt(0);
    const letter = /^ctrl-(.)$/.exec(key)?.[1];
    if (letter && /[a-z]/.test(letter)) return letter.charCodeAt(0) - 96;
    if (letter && letter in controls) return controls[letter]!;
    throw new EngineError("invalid", `Invalid escape keys (${text}) provided: unknown key "${key}"`, {
      hint: "write characters and ctrl-X, separated by commas",
    });
  });
}

/** Holds back what may be the beginning of the sequence until it is clear that it is not, unless it is told to pass that on. */
export class DetachKeys {
  readonly #keys: number[];
  readonly #passes: boolean;
  #matched = 0;

  /** @param passes all but the last key of the sequence go to the container, too */
  constructor(text: string | undefined, passes = false) {
    this.#keys = parseDetachKeys(text || defaultKeys);
    this.#passes = passes;
  }

  /** Bytes for the container, and whether the sequence was completed (what follows it is dropped). */
  feed(chunk: Uint8Array): { pass: Uint8Array; detached: boolean } {
    if (this.#matched === 0 && !chunk.includes(this.#keys[0] ?? -1)) return { pass: chunk, detached: false };
    const pass: number[] = [];
    for (const byte of chunk) {
      this.#take(byte, pass);
      if (this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), detached: true };
    }
    return { pass: Uint8Array.from(pass), detached: false };
  }

  #take(byte: number, pass: number[]): void {
    if (byte === this.#keys[this.#matched]) {
      this.#matched++;
      if (this.#passes && this.#matched < this.#keys.length) pass.push(byte);
      return;
    }
    if (!this.#passes) pass.push(...this.#keys.slice(0, this.#matched));
    this.#matched = byte === this.#keys[0] ? 1 : 0;
    if (this.#passes || this.#matched === 0) pass.push(byte);
  }
}
