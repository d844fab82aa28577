/** Reading a container's log file: from a place onwards, and the place of the last lines, without reading what is before. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { decodeLogLine } from "./k8s-log.ts";
import type { LogEntry } from "./types.ts";

const blockSize = 256 * 1024;
const newline = 0x0a;

export class LogFile implements Disposable {
  readonly #fd: number;
  #offset = 0;
  /** Beginning of a line whose end is not written yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** @throws the system error of open(2) */
  constructor(path: string) {
    this.#fd = openSync(path, "r");
  }

  /** Moves to the first of the last `count` whole lines of output. */
  seekTail(count: number): void {
    this.#offset = count > 0 ? tailOffset(this.#fd, count) : fstatSync(this.#fd).size;
  }

  /** The entries written since the last call, in order; memory is bounded by one block. */
  *entries(): Generator<LogEntry> {
    for (;;) {
      const block = Buffer.allocUnsafe(blockSize);
      const size = readSync(this.#fd, block, 0, blockSize, this.#offset);
      if (size === 0) return;
      this.#offset += size;
      yield* this.#split(block.subarray(0, size));
    }
  }

  *#split(block: Buffer): Generator<LogEntry> {
    const text = this.#rest.length > 0 ? Buffer.concat([this.#rest, block]) : block;
    let at = 0;
    for (let end = text.indexOf(newline); end >= 0; end = text.indexOf(newline, at)) {
      const entry = decodeLogLine(text.subarray(at, end));
      if (entry) yield entry;
      at = end + 1;
    }
    this.#rest = text.subarray(at);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** Where the last `count` whole lines begin, found from the end in blocks. A line in parts counts by its last part. */
function tailOffset(fd: number, count: number): number {
  let end = fstatSync(fd).size;
  let carry: Buffer = Buffer.alloc(0);
  let left = count;
  while (end > 0) {
    const start = Math.max(0, end - blockSize);
    const block = Buffer.allocUnsafe(end - start);
    readSync(fd, block, 0, block.length, start);
    const text = carry.length > 0 ? Buffer.concat([block, carry]) : block;
    // Lines that begin in this text after its first newline are whole; the first may begin in an earlier block.
    let lineEnd = text.lastIndexOf(newline);
    for (let before = text.lastIndexOf(newline, lineEnd - 1); lineEnd > 0 && before >= 0; before = text.lastIndexOf(newline, lineEnd - 1)) {
      if (isWhole(text.subarray(before + 1, lineEnd)) && left-- === 0) return start + lineEnd + 1;
      lineEnd = before;
      if (before === 0) break;
    }
    carry = text.subarray(0, lineEnd + 1);
    end = start;
  }
  return left <= 0 && carry.length > 0 && isWhole(carry.subarray(0, carry.indexOf(newline))) ? carry.indexOf(newline) + 1 : 0;
}

function isWhole(line: Uint8Array): boolean {
  return decodeLogLine(line)?.partial !== true;
}
