/**
 * From one stream to another without losing a byte: while the target is full nothing more is read, so that a slow reader
 * holds up the writer, as a pipe between the two would, and nothing piles up here.
 */
import type { Readable, Writable } from "node:stream";

/** Writes; resolves when the target takes more. A closed target is not written to; its own error tells why. */
export function hand(target: Writable | undefined, data: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const written = () => resolve();
    if (!target || target.destroyed || target.write(data, written)) resolve();
  });
}

/**
 * Hands every chunk over.
 * @returns resolves when the stream has ended, however it did, and all of it was handed over
 */
export function pour(from: Readable, take: (chunk: Buffer) => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let taken = Promise.resolve();
  from.on("data", (chunk: Buffer) => {
    from.pause();
    taken = taken.then(() => take(chunk)).then(() => void from.resume());
    taken.catch(reject);
  });
  const finish = () => void taken.then(resolve, reject);
  for (const end of ["end", "error", "close"]) from.once(end, finish);
  from.resume();
  return promise;
}
