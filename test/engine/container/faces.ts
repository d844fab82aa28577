/** Faces for tests: plain streams that keep what they are given, and a terminal that one can type into and resize. */
import { PassThrough, Writable } from "node:stream";
import type { Streams, Terminal } from "../../../engine/index.ts";

class Collected extends Writable {
  text = "";
  #waiting: { pattern: RegExp; resolve: () => void }[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    for (const each of this.#waiting.filter(({ pattern }) => pattern.test(this.text))) {
      this.#waiting.splice(this.#waiting.indexOf(each), 1);
      each.resolve();
    }
    done();
  }

  /** Resolves when the text so far matches. */
  seen(pattern: RegExp): Promise<void> {
    if (pattern.test(this.text)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ pattern, resolve }));
  }
}

export interface PlainFace extends Streams {
  stdin: PassThrough;
  stdout: Collected;
  stderr: Collected;
}

export function plainFace(): PlainFace {
  return { stdin: new PassThrough(), stdout: new Collected(), stderr: new Collected() };
}

export interface TerminalFace extends Streams {
  screen: Collected;
  /** The user's keys. */
  type(text: string): void;
  resizeTo(columns: number, rows: number): void;
  isRaw: boolean;
}

export function terminalFace(columns = 80, rows = 24): TerminalFace {
  const input = new PassThrough();
  const screen = new Collected();
  const listeners = new Set<() => void>();
  const terminal = {
    columns,
    rows,
    input,
    output: screen,
    onResize(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setRaw: (raw: boolean) => void (face.isRaw = raw),
  } satisfies Terminal;
  const face: TerminalFace = {
    terminal,
    stdout: screen,
    stderr: screen,
    screen,
    isRaw: false,
    type: (text) => void input.write(text),
    resizeTo(width, height) {
      Object.assign(terminal, { columns: width, rows: height });
      for (const listener of listeners) listener();
    },
  };
  return face;
}
