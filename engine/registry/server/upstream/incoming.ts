/**
 * A blob on its way from an upstream: written once, and read by all who want it while it comes. They get its end only when its digest is
 * known to be right, so that nobody takes what is wrong for whole.
 */
import type { FileHandle } from "node:fs/promises";
import type { Upload } from "../storage/storage.ts";

/** Bytes that a reader reads at a time. */
const piece = 128 << 10;

export class Incoming {
  /** Bytes. */
  readonly size: number;
  /** Settles when it is a blob of its repository, or never will be. */
  readonly finished: Promise<void>;
  readonly #upload: Upload;
  #file: Promise<FileHandle> | undefined;
  #written = 0;
  #isWhole = false;
  #error: unknown;
  #readers = 0;
  #changed = Promise.withResolvers<void>();

  /** @param body its bytes; all of them are taken whoever goes on reading */
  constructor(upload: Upload, { digest, size }: { digest: string; size: number }, body: AsyncIterable<Buffer>) {
    this.size = size;
    this.#upload = upload;
    this.finished = this.#receive(digest, body);
    this.finished.catch(() => {}); // each reader hears of it
  }

  async #receive(digest: string, body: AsyncIterable<Buffer>): Promise<void> {
    try {
      await this.#upload.append(body, (written) => this.#progress(written));
      await this.#file; // its name goes with what follows
      await this.#upload.finish(digest);
      this.#isWhole = true;
    } catch (error) {
      await this.#upload.cancel().catch(() => {}); // gone already where the digest was wrong
      this.#error = error;
      throw error;
    } finally {
      this.#tell();
      await this.#leaveFile();
    }
  }

  #progress(written: number): void {
    this.#file ??= this.#upload.openContent();
    this.#file.catch(() => {}); // whoever waits for it hears of it
    this.#written = written;
    this.#tell();
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #leaveFile(): Promise<void> {
    if (this.#readers > 0 || !this.isOver) return;
    const file = await this.#file?.catch(() => undefined);
    this.#file = undefined;
    await file?.close();
  }

  /** It is a blob by now, or never will be. */
  get isOver(): boolean {
    return this.#isWhole || this.#error !== undefined;
  }

  /** From its beginning, as long as it is not over; a chunk is good until the next is asked for. @throws what the upstream's sending ended with */
  chunks(): AsyncIterable<Buffer> {
    this.#readers++;
    return this.#read();
  }

  async *#read(): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(piece, Math.max(1, this.size)));
    try {
      for (let at = 0; at < this.size; ) {
        const end = this.#isWhole ? this.size : Math.min(this.#written, this.size - 1);
        if (end <= at) {
          if (this.#error) throw this.#error;
          await this.#changed.promise;
          continue;
        }
        const { bytesRead } = await (await this.#file!).read(buffer, 0, Math.min(buffer.length, end - at), at);
        if (bytesRead === 0) throw new Error("the file is shorter than what was written");
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      await this.finished;
    } finally {
      this.#readers--;
      await this.#leaveFile();
    }
  }
}
