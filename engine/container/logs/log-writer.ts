/** The log of a container that berth runs itself, written as conmon writes it, and rotated by the writer. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import type { LogLimit } from "../plan/index.ts";
import { timestamp } from "../record/index.ts";
import { encodeLog } from "./k8s-log.ts";
import { keepGeneration, prune } from "./log-generations.ts";

const mode = 0o640;

export class LogWriter implements Disposable {
  readonly #path: string;
  readonly #limit: LogLimit | undefined;
  #fd: number;
  #size: number;

  constructor(path: string, limit: LogLimit | undefined) {
    this.#path = path;
    this.#limit = limit;
    this.#fd = openSync(path, "a", mode);
    this.#size = fstatSync(this.#fd).size;
  }

  write(stream: "stdout" | "stderr", chunk: Uint8Array): void {
    if (this.#limit && this.#size >= this.#limit.maxSize) this.#rotate(this.#limit);
    try {
      for (const lines of encodeLog(stream, chunk, timestamp())) this.#size += writeSync(this.#fd, lines);
    } catch (error) {
      // A full disk loses what is logged, as with conmon; the container goes on.
      if (!["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }

  #rotate(limit: LogLimit): void {
    keepGeneration(this.#path);
    const fresh = `${this.#path}.tmp`;
    const fd = openSync(fresh, "w", mode);
    renameSync(fresh, this.#path);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#size = 0;
    prune(this.#path, limit);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
