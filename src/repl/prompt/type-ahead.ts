/**
 * Keys for the prompt, a line at a time: what was pasted or typed beyond the end of a line waits for the next prompt,
 * instead of vanishing with the editor of this one.
 */
import { PassThrough } from "node:stream";

const carriageReturn = 0x0d;
const lineFeed = 0x0a;

export class TypeAhead {
  readonly #stdin: NodeJS.ReadStream;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stdin: NodeJS.ReadStream) {
    this.#stdin = stdin;
    stdin.on("error", () => {}); // its terminal is gone, which also keeps a mode from being given back
  }

  /** A stand-in for standard input that gives one line; `close` gives the terminal back. */
  open(): { input: NodeJS.ReadStream; close(): void } {
    const stdin = this.#stdin;
    const input = new PassThrough();
    let isFull = false;
    const take = (chunk: Buffer) => {
      if (isFull) {
        this.#rest = Buffer.concat([this.#rest, chunk]);
        return;
      }
      const end = chunk.findIndex((byte) => byte === carriageReturn || byte === lineFeed);
      isFull = end >= 0;
      const next = end < 0 ? chunk.length : end + (chunk[end] === carriageReturn && chunk[end + 1] === lineFeed ? 2 : 1);
      this.#rest = chunk.subarray(next);
      input.write(isFull ? Buffer.concat([chunk.subarray(0, end), Buffer.of(carriageReturn)]) : chunk);
    };
    const over = () => input.end();
    const waiting = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (waiting.length > 0) take(waiting);
    stdin.on("data", take).on("end", over).on("error", over);
    stdin.resume();
    const setRawMode = (raw: boolean) => {
      stdin.setRawMode?.(raw);
      return input;
    };
    return {
      input: Object.assign(input, {
        isTTY: true,
        setRawMode,
      }) as unknown as NodeJS.ReadStream,
      close() {
        stdin.off("data", take).off("end", over).off("error", over);
        stdin.pause();
      },
    };
  }
}
