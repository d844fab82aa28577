/**
 * The owner of standard input. Bytes go to Ink through a stand-in stream while the UI has the keyboard, and unchanged to
 * a pane while that has it, so that non-UTF-8, mouse reports and pasted text survive. The prefix key takes one key out
 * of a pane's stream for the UI. What the terminal says by itself is taken out in either case: mouse reports (SGR, xterm's
 * mode 1006), that it got or lost the keyboard (mode 1004), its colours.
 */
import { PassThrough } from "node:stream";
import { withFunctionKeys } from "./function-keys.ts";
import { textKeys } from "./keys.ts";

/** A mouse report: cell coordinates from 0. */
export interface Mouse {
  /** 0 left, 1 middle, 2 right; 64 wheel up, 65 wheel down. */
  button: number;
  x: number;
  y: number;
  press: boolean;
}

/** Where raw bytes go while a pane has the keyboard. */
export interface Sink {
  type(bytes: Buffer): void;
}

export interface RouterEvents {
  /** The prefix key was pressed: the next key is for the UI. */
  onPrefix(): void;
  /** The key after the prefix. */
  onPrefixed(key: string): void;
  /** True when the report was used; else it goes to a pane that wants the mouse. */
  onMouse(mouse: Mouse): boolean;
  /** The terminal got the keyboard of the desktop, or lost it. */
  onFocus(has: boolean): void;
  /** The terminal says a colour: OSC 10, 11 or 12. */
  onColour(which: number, colour: string): void;
}

const report = /\x1b\[<(\d+);(\d+);(\d+)([Mm])|\x1b\[([IO])|\x1b\](1[0-2]);([\w:/]*)(?:\x07|\x1b\\)/g;
/** A report or a mark that the read has cut; it waits a moment for its rest. Escape alone is a key, but for within a paste. */
const cut = { typing: /\x1b(\[<?[\d;]*|\](1[0-2]?(;[\w:/]*\x1b?)?)?)$/, pasting: /\x1b(\[<?[\d;]*)?$/ };
/** Milliseconds after which it was no beginning: somebody may have typed Alt-[, but hardly a number behind it; lines are slow. */
const patience = { bare: 50, begun: 1000 };
const bare = /^\x1b[[\]]?$/;
const pasteBegins = "\x1b[200~";
const pasteEnds = "\x1b[201~";
/** Ink takes Escape and what follows it for one key: the paste would be lost. It knows Escape in kitty's words, too. */
const apart = (text: string) => text.replace(/\x1b(?=\x1b\[200~)/g, "\x1b[27u");
/** One key, byte by byte: a sequence, or a character of UTF-8. */
const oneKey = /^(?:\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|[^[O\x1b])?|[\xc2-\xf4][\x80-\xbf]{1,3})/;
const arrows: Record<string, string> = { A: "up", B: "down", C: "right", D: "left", "5~": "pageup", "6~": "pagedown" };

export class InputRouter {
  /** What Ink reads instead of standard input. */
  readonly proxy: NodeJS.ReadStream;
  #ui = new PassThrough();
  #stdin: NodeJS.ReadStream;
  #prefix: string;
  #events: RouterEvents;
  #sink: Sink | undefined;
  #prefixed = false;
  /** Between the marks of a paste, where every byte is text. */
  #pasting = false;
  #rest = "";
  #waiting: NodeJS.Timeout | undefined;

  /** @param prefix the control character that calls the UI from a pane, for instance "\x02" */
  constructor(stdin: NodeJS.ReadStream, prefix: string, events: RouterEvents) {
    this.#stdin = stdin;
    this.#prefix = prefix;
    this.#events = events;
    const proxy = this.#ui;
    const setRawMode = (raw: boolean) => {
      stdin.setRawMode?.(raw);
      if (raw) stdin.resume();
      else stdin.pause();
      return proxy;
    };
    this.proxy = Object.assign(proxy, {
      isTTY: true,
      setRawMode,
      ref: () => stdin.ref?.(),
      unref: () => stdin.unref?.(),
    }) as unknown as NodeJS.ReadStream;
    stdin.on("data", this.#data);
  }

  /** Gives the keyboard to a pane, or back to the UI. */
  focus(sink: Sink | undefined): void {
    if (sink === this.#sink) return;
    this.#sink = sink;
    this.#prefixed = false;
    this.#pasting = false;
  }

  dispose(): void {
    clearTimeout(this.#waiting);
    this.#stdin.off("data", this.#data);
    this.#stdin.pause();
  }

  readonly #data = (bytes: Buffer): void => {
    clearTimeout(this.#waiting);
    const text = this.#rest + bytes.toString("latin1");
    const [begun, ended] = [text.lastIndexOf(pasteBegins), text.lastIndexOf(pasteEnds)];
    const pasting = begun === ended ? this.#pasting : begun > ended; // at its end; equal: neither is there
    this.#rest = (pasting ? cut.pasting : cut.typing).exec(text)?.[0] ?? "";
    if (this.#rest) this.#waiting = setTimeout(() => this.#take(this.#rest), bare.test(this.#rest) ? patience.bare : patience.begun);
    this.#take(text.slice(0, text.length - this.#rest.length), this.#rest);
  };

  /** @param rest what goes on waiting */
  #take(whole: string, rest = ""): void {
    this.#rest = rest;
    this.#route(
      whole.replace(report, (sequence, button, x, y, end, focus, which, colour) => {
        if (focus) this.#events.onFocus(focus === "I");
        else if (which) this.#events.onColour(Number(which), colour);
        else if (!this.#events.onMouse({ button: Number(button), x: Number(x) - 1, y: Number(y) - 1, press: end === "M" }))
          return this.#sink ? sequence : "";
        return "";
      }),
    );
  }

  /** Until the text is used up: focus may change after each prefixed key. */
  #route(text: string): void {
    while (text) {
      if (!this.#sink) {
        this.#ui.write(Buffer.from(withFunctionKeys(apart(text)), "latin1"));
        return;
      }
      if (this.#pasting) {
        text = this.#pasteOf(text);
        continue;
      }
      if (this.#prefixed) {
        const length = oneKey.exec(text)?.[0].length ?? 1;
        this.#command(text.slice(0, length));
        text = text.slice(length);
        continue;
      }
      text = this.#typedOf(text);
    }
  }

  /** Gives the program what is typed up to a prefix key or a paste; the rest. */
  #typedOf(text: string): string {
    const [prefix, paste] = [this.#prefix, pasteBegins].map((mark) => (text.includes(mark) ? text.indexOf(mark) : text.length)) as [
      number,
      number,
    ];
    const end = Math.min(prefix, paste);
    if (end > 0) this.#sink?.type(Buffer.from(text.slice(0, end), "latin1"));
    if (end === text.length) return "";
    if (paste < prefix) {
      this.#pasting = true;
      return text.slice(end);
    }
    this.#prefixed = true;
    this.#events.onPrefix();
    return text.slice(end + 1);
  }

  /** Gives the program a paste, with its marks; the rest. */
  #pasteOf(text: string): string {
    const at = text.indexOf(pasteEnds);
    const end = at < 0 ? text.length : at + pasteEnds.length;
    this.#pasting = at < 0;
    this.#sink?.type(Buffer.from(text.slice(0, end), "latin1"));
    return text.slice(end);
  }

  #command(sequence: string): void {
    this.#prefixed = false;
    if (sequence === this.#prefix) {
      this.#sink?.type(Buffer.from(sequence, "latin1")); // twice: the program gets it
      this.#events.onPrefixed("");
      return;
    }
    const arrow = arrows[sequence.replace(/^\x1b[[O]/, "")];
    this.#events.onPrefixed(sequence.length > 1 && arrow ? arrow : (textKeys(Buffer.from(sequence, "latin1").toString())[0] ?? ""));
  }
}
