/**
 * Streams that can be poured: whoever is done with each chunk before the next but one lends its memory only. New memory for each
 * chunk of a large archive costs a third of all that packing it does, in page faults and in garbage.
 */
import type { Readable } from "node:stream";
import type { Pourable } from "../types.ts";

/** Whether chunks are the receiver's, or good until the second after them is asked for. */
export type Hold = "given" | "lent";

/** @param bytes does nothing before the first chunk is asked for */
export function pourable(bytes: (hold: Hold) => AsyncGenerator<Buffer>): Readable & Pourable {
  const { Readable } = process.getBuiltinModule("node:stream");
  const stream = Readable.from(bytes("given"), { objectMode: false, highWaterMark: 1 << 20 });
  return Object.assign(stream, {
    async pour(write: (chunk: Buffer) => Promise<void>) {
      try {
        await pour(bytes("lent"), write);
      } finally {
        stream.destroy();
      }
    },
  });
}

/** The next chunk is made while one is written. */
async function pour(chunks: AsyncIterable<Buffer>, write: (chunk: Buffer) => Promise<void>): Promise<void> {
  let written = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      await written;
      written = write(chunk);
      written.catch(() => {}); // reported when it is awaited
    }
  } finally {
    await written;
  }
}
