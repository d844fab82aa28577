/**
 * What a program tells its terminal, or asks of it, beside what is on the screen: how the cursor looks, which mouse events it
 * wants, titles, the bell, text for the clipboard, questions about the terminal. Each of them people can turn off.
 */
import { version } from "../../src/version.ts";
import type { PaneSettings } from "../config/settings.ts";
import { type MouseNotation, notations } from "../input/mouse-report.ts";
import type { Emulator } from "./emulator.ts";

/** Whom it is told. */
export interface Listener {
  /** An answer for the program. */
  reply(text: string): void;
  bell(): void;
  title(text: string): void;
  clipboard(text: string): void;
  /** The colour of text (10), background (11) or cursor (12), as the user's terminal says it. */
  colour(which: number, answer: (colour: string) => void): void;
}

/** Bytes that a program may put into the clipboard at once. */
const largestCopy = 1 << 20;

export class Reports {
  cursorHidden = false;
  /** As DECSCUSR counts. */
  cursorShape = 0;
  mouseNotation: MouseNotation = "default";
  /** When the frame began that the program has not completed (DEC mode 2026). */
  frameBegan: number | undefined;
  /** What is written now was written before: nobody is to hear of it again. */
  recalling = false;
  #settings: PaneSettings;
  #listener: Listener;

  constructor(emulator: Emulator, settings: PaneSettings, listener: Listener) {
    this.#settings = settings;
    this.#listener = listener;
    const { parser } = emulator;
    for (const final of ["h", "l"]) {
      parser.registerCsiHandler({ prefix: "?", final }, (parameters) => this.#mode(parameters, final === "h"));
    }
    parser.registerCsiHandler({ intermediates: " ", final: "q" }, ([shape]) => {
      this.cursorShape = typeof shape === "number" ? shape : 0;
      return false;
    });
    parser.registerEscHandler({ final: "c" }, () => this.#reset(true));
    parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => this.#reset(false));
    emulator.onBell(() => this.recalling || listener.bell());
    if (settings.titles) emulator.onTitleChange((title) => listener.title(title));
    parser.registerOscHandler(52, (data) => this.#clipboard(data));
    if (settings.answers) this.#answer(emulator);
  }

  #mode(parameters: (number | number[])[], on: boolean): false {
    for (const mode of parameters) {
      if (mode === 25) this.cursorHidden = !on;
      if (mode === 2026) this.frameBegan = on ? Date.now() : undefined;
      const notation = typeof mode === "number" ? notations[mode] : undefined;
      if (notation) this.mouseNotation = on ? notation : "default";
    }
    return false;
  }

  /** @param whole a hard reset (RIS), which ends mouse reports too */
  #reset(whole: boolean): false {
    this.cursorHidden = false;
    this.cursorShape = 0;
    this.frameBegan = undefined;
    if (whole) this.mouseNotation = "default";
    return false;
  }

  /** OSC 52: only into the clipboard. What the user has copied elsewhere is no business of a container. */
  #clipboard(data: string): true {
    const payload = data.slice(data.indexOf(";") + 1);
    if (!this.#settings.clipboard || this.recalling || payload === "?" || payload.length > largestCopy * 1.4) return true;
    const text = Buffer.from(payload, "base64");
    if (text.length > 0 && text.length <= largestCopy) this.#listener.clipboard(text.toString());
    return true;
  }

  /** Questions that the emulator leaves to whoever draws it. */
  #answer({ parser }: Emulator): void {
    const { reply, colour } = this.#listener;
    parser.registerCsiHandler({ prefix: ">", final: "q" }, () => {
      reply(`\x1bP>|berth(${version})\x1b\\`);
      return true;
    });
    for (const which of [10, 11, 12]) {
      parser.registerOscHandler(which, (data) => {
        if (data !== "?" || this.recalling) return false;
        colour(which, (value) => reply(`\x1b]${which};${value}\x1b\\`));
        return true;
      });
    }
  }
}
