/** Bytes into a file as they come, hashed on the way; no more of them in memory than are being written. */
import type { Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Algorithm } from "../protocol/names.ts";
import { giveBack } from "./buffers.ts";

/** Bytes that are gathered while others are written: of all writers, and of one. */
const [memory, largest] = [4 << 20, 256 << 10];
let writers = 0;

export class BlobWriter {
  readonly #file: FileHandle;
  readonly #hash: Hash;
  readonly #onWritten: ((position: number) => void) | undefined;
  #position: number;
  #gathered: Buffer[] = [];
  #length = 0;
  #writing: Promise<void> = Promise.resolve();

  /** Its end is `finish`. @param hash of the first `position` bytes */
  constructor(file: FileHandle, hash: Hash, position: number, onWritten?: (position: number) => void) {
    writers++;
    this.#file = file;
    this.#hash = hash;
    this.#onWritten = onWritten;
    this.#position = position;
  }

  /** Resolves when there is room for more. */
  async add(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk);
    this.#gathered.push(chunk);
    this.#length += chunk.length;
    if (this.#length < Math.min(largest, memory / writers)) return;
    await this.#writing;
    this.#start();
  }

  /** All that was added is written. */
  async finish(): Promise<void> {
    writers--;
    await this.#writing;
    this.#start();
    await this.#writing;
  }

  #start(): void {
    const chunks = this.#gathered;
    const position = this.#position;
    this.#gathered = [];
    const end = position + this.#length;
    this.#position = end;
    this.#length = 0;
    this.#writing = chunks.length === 0 ? Promise.resolve() : writeAll(this.#file, chunks, position).then(() => this.#onWritten?.(end));
    this.#writing.catch(() => {}); // whoever adds or finishes next hears of it
  }
}

/** writev(2) may write less than it was given. */
async function writeAll(file: FileHandle, chunks: Buffer[], position: number): Promise<void> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev(chunks, position);
  const rest = bytesWritten === length ? Buffer.alloc(0) : Buffer.concat(chunks).subarray(bytesWritten);
  for (const chunk of chunks) giveBack(chunk);
  for (let at = 0; at < rest.length; ) at += (await file.write(rest, at, rest.length - at, position + bytesWritten + at)).bytesWritten;
}

/** The hash of the first bytes of a file. */
export async function hashOf(path: string, algorithm: Algorithm, length: number): Promise<Hash> {
  const hash = process.getBuiltinModule("node:crypto").createHash(algorithm);
  if (length === 0) return hash;
  const file = await open(path, "r");
  try {
    const stream = file.createReadStream({ start: 0, end: length - 1, autoClose: false, highWaterMark: 1 << 20 });
    for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk);
  } finally {
    await file.close();
  }
  return hash;
}
