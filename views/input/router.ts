/**
 * The owner of standard input. Bytes go to Ink through a stand-in stream while the UI has the keyboard, and unchanged to
 * a pane while that has it, so that non-UTF-8, mouse reports and pasted text survive. The prefix key takes one key out
 * of a pane's stream for the UI. Mouse reports (SGR, xterm's mode 1006) are taken out in either case.
 */
import { PassThrough } from "node:stream";
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
}

const report = /\x1b\[<(\d+);(\d+);(\d+)([Mm])/g;
/** A report that the read has cut; it waits for its rest. */
const cutReport = /\x1b\[<[\d;]*$/;
const escapeSequence = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|[^[O])?/;
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
  #rest = "";

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
  }

  dispose(): void {
    this.#stdin.off("data", this.#data);
    this.#stdin.pause();
  }

  readonly #data = (bytes: Buffer): void => {
    let text = this.#rest + bytes.toString("latin1");
    this.#rest = cutReport.exec(text)?.[0] ?? "";
    if (this.#rest) text = text.slice(0, -this.#rest.length);
    text = text.replace(report, (whole, button, x, y, end) => {
      const used = this.#events.onMouse({ button: Number(button), x: Number(x) - 1, y: Number(y) - 1, press: end === "M" });
      return used || !this.#sink ? "" : whole;
    });
    this.#route(text);
  };

  /** Until the text is used up: focus may change after each prefixed key. */
  #route(text: string): void {
    while (text) {
      if (!this.#sink) {
        this.#ui.write(Buffer.from(text, "latin1"));
        return;
      }
      if (this.#prefixed) {
        const length = escapeSequence.exec(text)?.[0].length ?? 1;
        this.#command(text.slice(0, length));
        text = text.slice(length);
        continue;
      }
      const at = text.indexOf(this.#prefix);
      const raw = at < 0 ? text : text.slice(0, at);
      if (raw) this.#sink.type(Buffer.from(raw, "latin1"));
      text = at < 0 ? "" : text.slice(at + 1);
      if (at >= 0) {
        this.#prefixed = true;
        this.#events.onPrefix();
      }
    }
  }

  #command(sequence: string): void {
    this.#prefixed = false;
    if (sequence === this.#prefix) {
      this.#sink?.type(Buffer.from(sequence, "latin1")); // twice: the program gets it
      this.#events.onPrefixed("");
      return;
    }
    const arrow = arrows[sequence.replace(/^\x1b[[O]/, "")];
    this.#events.onPrefixed(sequence.length > 1 && arrow ? arrow : (textKeys(sequence)[0] ?? ""));
  }
}
