/** A file in large pieces: one is read while the one before is sent, into the same two buffers all the time. */
import { type FileHandle, open } from "node:fs/promises";
import type { ByteRange } from "../protocol/ranges.ts";
import { giveBack } from "./buffers.ts";

/** Bytes of both buffers of all that are being read: few readers have large ones. */
const memory = 4 << 20;
const [smallest, largest] = [32 << 10, 512 << 10];
let readers = 0;

/** Read once, and let go of by whoever has it, also where nothing was read. */
export type FileChunks = AsyncIterable<Buffer> & AsyncDisposable;

/** Opens it at once. @throws the system's error */
export async function readFileOf(path: string, range?: ByteRange): Promise<FileChunks> {
  const file = await open(path, "r");
  try {
    const end = range ? range.end + 1 : (await file.stat()).size;
    return {
      [Symbol.asyncIterator]: () => chunksOf(file, range?.start ?? 0, end),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* chunksOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  readers++;
  const size = Math.min(largest, Math.max(smallest, Math.floor(memory / readers / 2)), Math.max(1, end - start));
  let [current, other] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
  const read = (into: Buffer, at: number) => {
    const reading = file.read(into, 0, Math.min(size, end - at), at);
    reading.catch(() => {}); // whoever waits for it hears of it
    return reading;
  };
  let reading = read(current, start);
  try {
    for (let at = start; at < end; ) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) throw new Error("the file is shorter than it was");
      at += bytesRead;
      const filled = current.subarray(0, bytesRead);
      [current, other] = [other, current]; // who asks for the next is done with this one
      if (at < end) reading = read(current, at);
      yield filled;
    }
    // Where the reader leaves early, the system may still be taking the last one.
    giveBack(current);
    giveBack(other);
  } finally {
    readers--;
    await reading.catch(() => {});
  }
}
