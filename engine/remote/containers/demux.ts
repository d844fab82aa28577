/**
 * Two streams out of one (Engine API, "Attach to a container", "Stream format"): pieces with a head of eight bytes, whose first says of
 * which stream it is and whose last four how long it is. A piece is given on as it comes, however long it says that it is.
 */
import type { Readable, Writable } from "node:stream";

export type Kind = "stdout" | "stderr";

export interface Piece {
  stream: Kind;
  data: Buffer;
  /** What is missing of the piece comes next. */
  goesOn: boolean;
}

/** Kinds 0 and 1 are standard output's, 3 is the daemon's own word about an error. */
const kinds: readonly Kind[] = ["stdout", "stdout", "stderr", "stderr"];

export class Demux {
  #head = Buffer.alloc(8);
  #filled = 0;
  #left = 0;
  #kind: Kind = "stdout";

  /** True between pieces: a stream that ends elsewhere was broken off. */
  get isWhole(): boolean {
    return this.#left === 0 && this.#filled === 0;
  }

  /** @throws an error with the code EBADJSON for a head that is none */
  *push(chunk: Buffer): Generator<Piece> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) at += this.#takeHead(chunk, at);
      else {
        const data = chunk.subarray(at, at + this.#left);
        at += data.length;
        this.#left -= data.length;
        yield { stream: this.#kind, data, goesOn: this.#left > 0 };
      }
    }
  }

  #takeHead(chunk: Buffer, at: number): number {
    const used = chunk.copy(this.#head, this.#filled, at, Math.min(chunk.length, at + 8 - this.#filled));
    this.#filled += used;
    if (this.#filled < 8) return used;
    this.#filled = 0;
    const kind = kinds[this.#head[0]!];
    if (!kind || this.#head[1] !== 0 || this.#head[2] !== 0 || this.#head[3] !== 0)
      throw Object.assign(new Error("its stream has a piece of no kind"), { code: "EBADJSON" });
    this.#kind = kind;
    this.#left = this.#head.readUInt32BE(4);
    return used;
  }
}

/** Writes; resolves when the target takes more. One that is gone takes everything. */
export function hand(target: Writable | undefined, data: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const written = () => resolve();
    if (!target || target.destroyed || target.writableEnded || target.write(data, written)) resolve();
  });
}

/** All that comes, at the pace at which the targets take it. @param framed without, all of it is standard output */
export async function pour(from: Readable, framed: boolean, give: (stream: Kind, data: Buffer) => Promise<void>): Promise<void> {
  const demux = new Demux();
  for await (const chunk of from as AsyncIterable<Buffer>) {
    if (!framed) await give("stdout", chunk);
    else for (const { stream, data } of demux.push(chunk)) await give(stream, data);
  }
  if (!demux.isWhole) throw Object.assign(new Error("its stream ends in the middle of a piece"), { code: "ECONNRESET" });
}
