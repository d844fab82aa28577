/**
 * A container's log at any place, in both directions, whatever its size: for who looks at it, not for who reads it through. The
 * files that it lies in are one row of bytes. The place of a line is where it begins in that row; it stays when the log is rotated,
 * until the file is gone. Nothing of a log is kept here.
 */
import { isAscii } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readHead, utc } from "./k8s-log.ts";
import { generationPath, generations, inodeOf } from "./log-generations.ts";

const newline = 0x0a;
/** Bytes read for lines to look at: some screens of them. */
const nearSize = 16 << 10;
/** Bytes read where those hold no whole line, and for a search. A line with its heads is shorter than either. */
const pageSize = 128 << 10;
const scanSize = 1 << 20;
/** Parts of a line without an end are one line as long as they begin in the same piece of this many bytes. */
const longest = 64 << 10;

export interface PlacedLine {
  at: number;
  /** Where the next one begins. */
  end: number;
  /** RFC 3339, UTC. */
  time: string;
  stream: "stdout" | "stderr";
  text: string;
}

/** One file of the log. */
interface Part {
  inode: number;
  fd: number;
  base: number;
  /** What was cut off its head, and reads as zeros. */
  hole: number;
  size: number;
}

export class LogPages implements Disposable {
  readonly #log: string;
  #parts: Part[] = [];

  /** @param log the newest of its files */
  constructor(log: string) {
    this.#log = log;
    this.refresh();
  }

  /** Looks what there is now. @returns has it changed? */
  refresh(): boolean {
    const before = `${this.start} ${this.end}`;
    const paths = [...generations(this.#log).map((number) => generationPath(this.#log, number)), this.#log];
    const there = paths.map((path) => ({ path, inode: inodeOf(path) }));
    if (there.at(-1)?.inode === undefined) return false; // the container was removed: what is open can still be read
    this.#parts = this.#parts.filter((part) => {
      const isKept = there.some(({ inode }) => inode === part.inode);
      if (!isKept) closeSync(part.fd);
      return isKept;
    });
    for (const part of this.#parts) measure(part, this.end);
    for (const { path, inode } of there) if (inode !== undefined && !this.#parts.some((part) => part.inode === inode)) this.#open(path);
    return before !== `${this.start} ${this.end}`;
  }

  #open(path: string): void {
    try {
      const fd = openSync(path, "r");
      const { ino } = fstatSync(fd);
      const part = { inode: ino, fd, base: this.end, hole: 0, size: 0 };
      measure(part, part.base);
      this.#parts.push(part);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // gone meanwhile: rotated
    }
  }

  /** The first line that there is. */
  get start(): number {
    const [first] = this.#parts;
    return first ? first.base + first.hole : 0;
  }

  /** Behind the last one. */
  get end(): number {
    const last = this.#parts.at(-1);
    return last ? last.base + last.size : 0;
  }

  /** Lines from one on, some of them at least if there are any. @param from where a line begins */
  forward(from: number): PlacedLine[] {
    for (let at = from; ; ) {
      const piece = page((size) => this.#pieceFrom(at, size));
      if (!piece) return [];
      if (piece.count > 0) return placed(piece);
      at = piece.end; // nothing but what is no line: the last file may begin behind it
    }
  }

  /** Lines up to one, some of them at least if there are any. @param before where a line begins, or the end */
  backward(before: number): PlacedLine[] {
    for (let at = before; ; ) {
      const piece = page((size) => this.#pieceBefore(at, size));
      if (!piece) return [];
      if (piece.count > piece.first) return placed(piece);
      at = piece.start;
    }
  }

  #partAt(place: number): Part | undefined {
    return this.#parts.find(({ base, size }) => place < base + size);
  }

  /** The first line at a time or after it, the end when there is none. Lines are in the order of their times. @param time RFC 3339, UTC */
  seek(time: string): number {
    let [low, high] = [this.start, this.end];
    while (high - low > pageSize) {
      const middle = Math.floor((low + high) / 2);
      const [line] = this.backward(middle).slice(-1);
      if (!line || line.at < low) break;
      if (line.time < time) low = line.end;
      else high = line.at;
    }
    for (let page = this.forward(low); page.length > 0; page = this.forward(page.at(-1)!.end)) {
      const found = page.find((line) => line.time >= time);
      if (found) return found.at;
    }
    return this.end;
  }

  /**
   * The lines with a text of which something is true, a block at a time: in a direction from a place on (backwards: before it).
   * @returns per block what was found, in its direction, and how far it came
   */
  *scan(from: number, step: 1 | -1, test: (text: string) => boolean): Generator<{ found: number[]; at: number }> {
    const into = Buffer.allocUnsafeSlow(scanSize);
    for (let at = from; ; ) {
      const piece = step > 0 ? this.#pieceFrom(at, scanSize, into) : this.#pieceBefore(at, scanSize, into);
      if (!piece) return;
      const found = matchesIn(piece, test);
      at = step > 0 ? piece.end : piece.start;
      yield { found: step > 0 ? found : found.reverse(), at };
    }
  }

  /** A block of whole lines. */
  #pieceFrom(from: number, most: number, into?: Buffer): Piece | undefined {
    const part = this.#partAt(from);
    if (!part) return undefined;
    const at = Math.max(from, part.base + part.hole);
    const block = read(part, at - part.base, most, into);
    const lines = linesOf(block, at, true);
    const isLast = at + block.length >= part.base + part.size;
    const count = isLast || lines.count < 2 ? lines.count : lines.count - 1;
    const whole = block.length > 0 ? at + block.length : part.base + part.size; // emptied since it was measured
    const end = count < lines.count ? at + lines.from[count]! : whole;
    return { block, base: at, lines, first: 0, count, start: at, end };
  }

  #pieceBefore(before: number, most: number, into?: Buffer): Piece | undefined {
    const part = this.#parts.findLast(({ base, hole }) => base + hole < before);
    if (!part) return undefined;
    const end = Math.min(before - part.base, part.size);
    const from = Math.max(part.hole, end - most);
    const block = read(part, from, end - from, into);
    const isStart = from === part.hole;
    const base = part.base + from;
    const lines = linesOf(block, base, isStart);
    const first = isStart || lines.count < 2 ? 0 : 1;
    return {
      block,
      base,
      lines,
      first,
      count: lines.count,
      start: isStart || lines.count === 0 ? base : base + lines.from[first]!,
      end: base + block.length,
    };
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#parts) closeSync(fd);
    this.#parts = [];
  }
}

interface Piece {
  block: Buffer;
  base: number;
  lines: Lines;
  first: number;
  count: number;
  start: number;
  end: number;
}

/** A page as it is read at once, or large enough for the longest line: at the edge of a piece one is seen in part. */
function page(read: (size: number) => Piece | undefined): Piece | undefined {
  const near = read(nearSize);
  return near && near.lines.count < 2 ? read(pageSize) : near;
}

/** Only whole lines count: one may be just being written. @param end where it goes on when somebody has emptied it */
function measure(part: Part, end: number): void {
  const { size } = fstatSync(part.fd);
  if (size < part.size) Object.assign(part, { base: end, hole: 0, size: 0 });
  if (size > part.size) part.size = endOfLines(part, size);
  if (part.size > part.hole && read(part, part.hole, 1)[0] === 0) part.hole = endOfHole(part);
}

/** Behind the last line end of a file that has grown to a size. */
function endOfLines(part: Part, size: number): number {
  for (let end = size; end > part.size; ) {
    const from = Math.max(part.size, end - pageSize / 8);
    const at = read(part, from, end - from).lastIndexOf(newline);
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return part.size;
}

/** What was cut off is in whole pages: zeros from the beginning on, then a piece of a line. */
function endOfHole(part: Part): number {
  let [low, high] = [part.hole, part.size];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (read(part, middle, 1)[0] === 0) low = middle;
    else high = middle;
  }
  const end = read(part, high, pageSize).indexOf(newline);
  return end < 0 ? part.size : high + end + 1;
}

function read({ fd }: Part, from: number, size: number, into?: Buffer): Buffer {
  const block = into?.subarray(0, Math.max(0, size)) ?? Buffer.allocUnsafe(Math.max(0, size));
  return block.subarray(0, readSync(fd, block, 0, block.length, from));
}

/** Where lines lie in a block: what begins within it is one when its end is there, too. */
interface Lines {
  count: number;
  from: Int32Array;
  /** Of the first part. */
  text: Int32Array;
  to: Int32Array;
  /** The texts of lines of several parts: pairs of from and to. */
  joined: Map<number, number[]>;
}

/** @param isStart the block begins with a line; else with the rest of one @param base the place of the block */
function linesOf(block: Buffer, base: number, isStart: boolean): Lines {
  const most = block.length >> 4;
  const lines: Lines = { count: 0, from: new Int32Array(most), text: new Int32Array(most), to: new Int32Array(most), joined: new Map() };
  let last = { at: 0, stream: "", isPart: false };
  const first = isStart ? 0 : block.indexOf(newline) + 1 || block.length;
  for (let at = first; at < block.length; ) {
    const end = block.indexOf(newline, at);
    if (end < 0) break;
    const head = readHead(block, at, end);
    if (head) {
      const { stream, partial, text } = head;
      if (last.isPart && last.stream === stream && pieceOf(base + at) === pieceOf(base + last.at)) join(lines, text, end);
      else begin(lines, at, text, end);
      last = { at, stream, isPart: partial };
    }
    at = end + 1;
  }
  return lines;
}

const pieceOf = (place: number) => Math.floor(place / longest);

function begin(lines: Lines, at: number, text: number, end: number): void {
  const number = lines.count++;
  lines.from[number] = at;
  lines.text[number] = text;
  lines.to[number] = end;
}

function join(lines: Lines, text: number, end: number): void {
  const number = lines.count - 1;
  const pairs = lines.joined.get(number) ?? [lines.text[number]!, lines.to[number]!];
  lines.joined.set(number, [...pairs, text, end]);
  lines.to[number] = end;
}

function textOf(block: Buffer, lines: Lines, number: number): string {
  const pairs = lines.joined.get(number);
  if (!pairs) return block.toString("utf8", lines.text[number], lines.to[number]);
  const pieces = Array.from({ length: pairs.length / 2 }, (_, at) => block.subarray(pairs[2 * at], pairs[2 * at + 1]));
  return Buffer.concat(pieces).toString(); // a character may be cut at the end of a part
}

function placed({ block, base, lines, first, count }: Piece): PlacedLine[] {
  const result: PlacedLine[] = [];
  for (let number = first; number < count; number++) {
    const at = lines.from[number]!;
    const to = lines.to[number]!;
    const head = readHead(block, at, to)!;
    const time = utc(block.toString("latin1", at, head.timeEnd));
    result.push({ at: base + at, end: base + to + 1, time, stream: head.stream, text: textOf(block, lines, number) });
  }
  return result;
}

function matchesIn({ block, base, lines, first, count }: Piece, test: (text: string) => boolean): number[] {
  const found: number[] = [];
  // One string for all of it, where bytes are characters, is several times faster.
  const whole = isAscii(block) ? block.toString("latin1") : undefined;
  for (let number = first; number < count; number++) {
    const isWhole = whole !== undefined && !lines.joined.has(number);
    const text = isWhole ? whole.slice(lines.text[number], lines.to[number]) : textOf(block, lines, number);
    if (test(text)) found.push(base + lines.from[number]!);
  }
  return found;
}
