/**
 * A terminal whose user is a script: `spawn` gives it to an interactive command, `send` types, `expect` reads. Keeps the
 * output that no expectation has consumed yet.
 */
import { PassThrough, Writable } from "node:stream";
import type { Terminal } from "../../engine/index.ts";
import type { Word, WordPart } from "./words.ts";

/** Output kept for expectations to come; older bytes are dropped, as a terminal's scrollback drops them. */
const scrollback = 1 << 20;

/** ECMA-48 control sequences and operating system commands, which a pattern does not want to know of. */
const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[ -/]*[0-Z\\^-~])/g;

export class ExpectTerminal implements Terminal {
  columns = 80;
  rows = 24;
  readonly input = new PassThrough();
  readonly output: Writable;
  #text = "";
  #decoder = new TextDecoder();
  #resized = new Set<() => void>();
  #changed = new Set<() => void>();
  #ended = false;

  constructor() {
    this.output = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        this.#text = (this.#text + this.#decoder.decode(chunk, { stream: true })).slice(-scrollback);
        this.#notify();
        done();
      },
    });
  }

  onResize(listener: () => void): () => void {
    this.#resized.add(listener);
    return () => void this.#resized.delete(listener);
  }

  setRaw(): void {}

  resize(columns: number, rows: number): void {
    [this.columns, this.rows] = [columns, rows];
    for (const listener of this.#resized) listener();
  }

  type(text: string): void {
    this.input.write(text);
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
    return this.#text.replace(escapes, "");
  }

  /**
   * Consumes the output up to the end of the match that begins first, of the earlier pattern when two begin together;
   * undefined when there is none yet.
   */
  take(patterns: readonly RegExp[]): { match: RegExpExecArray; which: number; before: string } | undefined {
    const text = this.pending;
    let first: { match: RegExpExecArray; which: number } | undefined;
    for (const [which, pattern] of patterns.entries()) {
      const match = pattern.exec(text);
      if (match && (!first || match.index < first.match.index)) first = { match, which };
    }
    if (!first) return undefined;
    const { index } = first.match;
    this.#text = text.slice(index + first.match[0].length);
    return { ...first, before: text.slice(0, index) };
  }

  /** Calls back on new output and at the end; returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => void this.#changed.delete(listener);
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

/** The pattern of an expectation: `/REGEX/flags`, or the text itself. */
export function toPattern(text: string): RegExp {
  const [, body, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  return body === undefined ? literalPattern(text) : new RegExp(body, flags?.replace("g", ""));
}

/** Finds a text as it is. */
export function literalPattern(text: string): RegExp {
  return new RegExp(escapeRegex(text));
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** What a word types: keys as they are written in the script; what variables hold is text, and nothing else. */
export async function keysOf({ parts }: Word, textOf: (part: WordPart) => Promise<string>): Promise<string> {
  const typed: string[] = [];
  for (const part of parts) typed.push(part.kind === "text" ? decodeKeys(part.text) : await textOf(part));
  return typed.join("");
}
