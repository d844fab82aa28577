/**
 * A terminal whose user is a script: `spawn` gives it to an interactive command, `send` types, `expect` reads. Keeps the
 * output that no expectation has consumed yet.
 */
import { PassThrough, Writable } from "node:stream";
import type { Terminal } from "../../../engine/index.ts";
import { type Look, type Taken, Unread } from "../frame/index.ts";
import type { Word, WordPart } from "../language/index.ts";
import { openScreen, type RenderedScreen } from "./rendered-screen.ts";

/** Bytes kept for a screen that may be asked for. */
const recallable = 1 << 20;

export class ExpectTerminal implements Terminal {
  columns = 80;
  rows = 24;
  readonly input = new PassThrough();
  readonly output: Writable;
  readonly #unread = new Unread();
  /** Of twice the bytes that are kept: only when it is full are they moved to its front. */
  readonly #written = Buffer.allocUnsafeSlow(2 * recallable);
  #writtenLength = 0;
  #screen: Promise<RenderedScreen> | undefined;
  #resized = new Set<() => void>();
  #changed = new Set<() => void>();
  #listening = new Set<(chunk: Uint8Array) => void>();
  #ended = false;
  #isTelling = false;

  constructor() {
    this.output = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        this.#unread.write(chunk);
        this.#remember(chunk);
        for (const listener of [...this.#listening]) listener(chunk);
        this.#notifySoon();
        done();
      },
    });
  }

  onResize(listener: () => void): () => void {
    this.#resized.add(listener);
    return () => void this.#resized.delete(listener);
  }

  setRaw(): void {}

  /** For a screen: what came so far, until there is one that takes it as it comes. */
  #remember(chunk: Uint8Array): void {
    if (this.#screen) {
      const own = Buffer.from(chunk); // the chunk may be used again
      return void this.#screen.then((screen) => screen.write(own));
    }
    const last = chunk.subarray(-recallable);
    if (this.#writtenLength + last.length > this.#written.length) {
      this.#written.copyWithin(0, this.#writtenLength - (recallable - last.length), this.#writtenLength);
      this.#writtenLength = recallable - last.length;
    }
    this.#written.set(last, this.#writtenLength);
    this.#writtenLength += last.length;
  }

  /** The lines of its screen, as a person would see it now. */
  async screen(): Promise<string[]> {
    this.#screen ??= openScreen(this, this.#written.subarray(0, this.#writtenLength));
    return (await this.#screen).lines();
  }

  resize(columns: number, rows: number): void {
    [this.columns, this.rows] = [columns, rows];
    void this.#screen?.then((screen) => screen.resize(columns, rows));
    for (const listener of this.#resized) listener();
  }

  type(text: string): void {
    this.input.write(text);
  }

  typeBytes(bytes: Uint8Array): void {
    if (bytes.length > 0) this.input.write(bytes);
  }

  /** Calls back with what is written; returns the unsubscriber. */
  onOutput(listener: (chunk: Uint8Array) => void): () => void {
    this.#listening.add(listener);
    return () => void this.#listening.delete(listener);
  }

  /** The command ended: nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What was written since the last match, without escape sequences. */
  get pending(): string {
    return this.#unread.text;
  }

  /** Consumes the output up to the end of the first match. */
  take(patterns: readonly RegExp[], look?: Look): Taken | undefined {
    return this.#unread.take(patterns, look);
  }

  /** Calls back on new output and at the end; returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => void this.#changed.delete(listener);
  }

  /** Once for all that comes in one turn: a program that writes byte by byte would have each byte searched by itself. */
  #notifySoon(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      this.#notify();
    });
  }

  #notify(): void {
    for (const listener of [...this.#changed]) listener();
  }
}

const keys: Record<string, string> = {
  r: "\r",
  n: "\n",
  t: "\t",
  e: "\x1b",
  b: "\b",
  "0": "\0",
  "\\": "\\",
  "^": "^",
};

/** What `send` types: `\r`, `\x1b`, `\e`, and `^C` for a control key. */
export function decodeKeys(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|.)|\^([@-_a-z])/gs, (whole, code: string | undefined, control: string | undefined) => {
    if (control !== undefined) return String.fromCharCode(control.toUpperCase().charCodeAt(0) & 0x1f);
    if (code?.startsWith("x")) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return keys[code!] ?? whole;
  });
}

/** What a word types: keys as they are written in the script; what variables hold is text, and nothing else. */
export async function keysOf({ parts }: Word, textOf: (part: WordPart) => Promise<string>): Promise<string> {
  const typed: string[] = [];
  for (const part of parts) typed.push(part.kind === "text" ? decodeKeys(part.text) : await textOf(part));
  return typed.join("");
}
