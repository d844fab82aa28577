/**
 * Keys typed while it is not yet known who gets them: a command may be about to open a terminal. "e", then "top -d 1" typed
 * fast, must not remove a container. They go to the terminal once it is there. When it fails they go nowhere, nor does what is
 * still being typed for it. Only a command that opens none lets them go on to the UI.
 */
import { setTimeout } from "node:timers/promises";
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
function bytesOf(key: string): string {
  const [, modifier, letter = ""] = /^(ctrl|alt)-(.)$/u.exec(key) ?? [];
  if (modifier === "ctrl") return String.fromCharCode(letter.charCodeAt(0) & 0x1f);
  if (modifier === "alt") return `\x1b${letter}`;
  return bytes[key] ?? ([...key].length === 1 ? key : "");
}

/** Milliseconds without a key after which somebody has seen that there is no terminal to type into. */
const pause = 500;

/** Who gets what was held: a terminal, the UI, or nobody. */
export type Recipient = Sink | "ui" | "nobody";

/** Ends a hold; only the first call counts. */
export type Release = (to: Recipient) => void;

export class HeldKeys {
  #keys: string[] = [];
  #holders = 0;
  #deafUntil = 0;
  #lost: string[] = [];
  #replay: (key: string) => void;
  #dropped: (keys: readonly string[]) => void;

  /** @param replay takes keys for the UI @param dropped is told of all keys that nobody got, each time anew */
  constructor(replay: (key: string) => void, dropped: (keys: readonly string[]) => void) {
    this.#replay = replay;
    this.#dropped = dropped;
  }

  hold(): Release {
    this.#holders++;
    let isOver = false;
    return (to) => {
      if (isOver) return;
      isOver = true;
      this.#holders--;
      if (to === "nobody") this.#keys.length = 0;
      else if (to !== "ui") to.type(Buffer.from(this.#keys.splice(0).map(bytesOf).join("")));
      else if (this.#holders === 0) for (const key of this.#keys.splice(0)) this.#replay(key);
    };
  }

  /**
   * A terminal is not there, or no more: keys are dropped until there is a pause in the typing.
   * @param undelivered keys that it had got already
   */
  drop(undelivered: readonly string[] = []): void {
    this.#lost = [];
    this.#lose([...undelivered, ...this.#keys.splice(0)]);
  }

  #lose(keys: readonly string[]): void {
    this.#deafUntil = Date.now() + pause;
    this.#lost.push(...keys);
    if (this.#lost.length > 0) this.#dropped(this.#lost);
  }

  /** Resolves when keys are heard again: who asks something before would wait for an answer that goes nowhere. */
  async heard(): Promise<void> {
    for (let left = this.#deafUntil - Date.now(); left > 0; left = this.#deafUntil - Date.now()) await setTimeout(left);
  }

  /** True when the keys are held, or dropped. */
  take(keys: readonly string[]): boolean {
    if (this.#holders > 0) this.#keys.push(...keys);
    else if (Date.now() < this.#deafUntil) this.#lose(keys);
    else return false;
    return true;
  }
}
