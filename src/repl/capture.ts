/** What a command writes, kept, so that a variable or a condition can have it. */
import { Readable, Writable } from "node:stream";
import { EngineError } from "../../engine/errors.ts";
import type { Io } from "../commands/command.ts";

/** More than this is no text to compare. */
const limit = 16 << 20;

/** A stream that keeps what is written to it. */
export class Kept extends Writable {
  #chunks: Uint8Array[] = [];
  #size = 0;

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.keep(chunk);
    done();
  }

  keep(data: Uint8Array): void {
    this.#size += data.length;
    if (this.#size <= limit) this.#chunks.push(Uint8Array.from(data));
    else this.#chunks = [];
  }

  /** Without the last line end. @throws EngineError `invalid` when it is not all there */
  text(): string {
    if (this.#size > limit)
      throw new EngineError("invalid", `cannot keep the output: it is larger than ${limit >> 20} MiB`, {
        hint: "send it to a file: > FILE",
      });
    return Buffer.concat(this.#chunks)
      .toString()
      .replace(/\r?\n$/, "");
  }
}

/** An io port without terminal or input, whose output, standard error too, is kept in the order of arrival. */
export function captureIo(io: Io): { io: Io; kept: Kept } {
  const kept = new Kept();
  return { io: { ...io, streams: { stdin: Readable.from([]), stdout: kept, stderr: kept } }, kept };
}
