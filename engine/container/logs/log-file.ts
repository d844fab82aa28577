/** One file of a container's log: its whole lines from a place onwards, and the place of the last ones, found from the end. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isPartial } from "./k8s-log.ts";

/** The most that is read at once, and the longest line: of lines with little text, what is read is mostly heads. */
const readSize = 256 * 1024;
/** Bytes per step backwards. */
const blockSize = 64 * 1024;
const newline = 0x0a;
const none = Buffer.alloc(0);

export class LogFile implements Disposable {
  /** Which file this is, whatever its name becomes. */
  readonly inode: number;
  /** Had nothing in it when it was opened. */
  readonly isEmpty: boolean;
  /** Bytes that were cut off its head, and are not there to be read. */
  cut = 0;
  readonly #fd: number;
  #offset = 0;
  /** What was read: lines that were given out, then the beginning of one whose end is not written yet. */
  #buffer: Buffer = none;
  #rest = { from: 0, to: 0 };

  /** @throws the system error of open(2) */
  constructor(path: string) {
    this.#fd = openSync(path, "r");
    const { ino, size } = fstatSync(this.#fd);
    this.inode = ino;
    this.isEmpty = size === 0;
  }

  /** The next lines, each with its line end, the caller's until the next call; undefined when there are no more yet. */
  next(): Buffer | undefined {
    if (this.#buffer === none) this.#buffer = Buffer.allocUnsafeSlow(readSize);
    for (;;) {
      this.#buffer.copyWithin(0, this.#rest.from, this.#rest.to);
      const kept = this.#rest.to - this.#rest.from;
      const size = readSync(this.#fd, this.#buffer, kept, readSize - kept, this.#offset);
      this.#offset += size;
      const text = this.#buffer.subarray(0, kept + size);
      const from = text[0] === 0 ? endOfHole(text) : 0;
      this.cut += from;
      const to = Math.max(from, text.lastIndexOf(newline) + 1);
      // No line of a log is as long as the buffer: what is one may only be something else, and is dropped.
      this.#rest = { from: text.length - to === readSize ? text.length : to, to: text.length };
      if (to > from) return text.subarray(from, to);
      if (size === 0) return undefined;
    }
  }

  /** Moves to the first line that begins in the last bytes. */
  seekLast(bytes: number): void {
    const from = fstatSync(this.#fd).size - bytes;
    if (from <= 0) return;
    const block = Buffer.allocUnsafe(Math.min(bytes, readSize));
    const size = readSync(this.#fd, block, 0, block.length, from);
    this.#offset = from + block.subarray(0, size).indexOf(newline) + 1;
  }

  /**
   * Moves backwards past `count` line ends and to the place behind the last of them.
   * @param isNewest an unfinished line at the very end counts as one; in an older file it goes on in the next
   * @returns how many line ends this file has too few; then the place is its beginning
   */
  seekBack(count: number, isNewest: boolean): number {
    let left = count;
    let end = fstatSync(this.#fd).size;
    let carry: Buffer = none;
    let counts = isNewest;
    while (end > 0) {
      const start = Math.max(0, end - blockSize);
      const block = Buffer.allocUnsafe(end - start);
      readSync(this.#fd, block, 0, block.length, start);
      const text = carry.length > 0 ? Buffer.concat([block, carry]) : block;
      // The first line of this text may begin in an earlier block.
      let lineEnd = text.lastIndexOf(newline);
      while (lineEnd >= 0) {
        const before = lineEnd === 0 ? -1 : text.lastIndexOf(newline, lineEnd - 1);
        if (before < 0 && start > 0) break;
        if ((counts || !isPartial(text, before + 1, lineEnd)) && --left === 0) {
          this.#offset = start + lineEnd + 1;
          return 0;
        }
        counts = false;
        lineEnd = before;
      }
      carry = text.subarray(0, lineEnd + 1);
      end = start;
    }
    return left;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** What was cut off the head of a file too large for its limit reads as zeros; the line that the cut went through goes too. */
function endOfHole(text: Buffer): number {
  const end = text.findIndex((byte) => byte !== 0);
  const line = end < 0 ? -1 : text.indexOf(newline, end);
  if (line >= 0) return line + 1;
  return (end < 0 ? text.length : end) - 1; // one zero is kept: the hole, or the line, goes on in the next block
}
