/**
 * The record that rebuilds a layer's exact tar from its unpacked files: every byte that is not content, and which file
 * holds the content in between. So no second copy of a layer is kept, and its diff id stays true.
 *
 * On disk: frames of `u32 length` + zstd; unpacked, a sequence of `1 u32 length BYTES` (as it was in the tar) and
 * `2 u32 length PATH u64 size` (content of a file of the layer). A file that a later entry of the same archive replaced
 * lives in a second file, the spill: contents one after the other, then a JSON list of them, then its `u32` length.
 */
import { fstatSync, readSync, writeSync } from "node:fs";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { EngineError } from "../../errors.ts";
import { decodeName, encodeName } from "../tar/index.ts";

const RAW = 1;
const FILE = 2;
const frameSize = 1 << 20;

/** A file's content that the spill keeps: the n-th content of the archive. */
interface Spilled {
  content: number;
  offset: number;
  size: number;
}

/** Writes a record to an open file; the caller closes it. */
export class SplitWriter {
  #fd: number;
  #frame: Buffer[] = [];
  #frameBytes = 0;
  /** Raw bytes not yet written as an operation: adjacent ones become one. */
  #raw: Buffer[] = [];
  #rawBytes = 0;
  #contents = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  raw(bytes: Buffer): void {
    this.#raw.push(Buffer.from(bytes)); // the caller reuses its buffer
    this.#rawBytes += bytes.length;
    if (this.#rawBytes >= frameSize) this.#endRaw();
  }

  /** Returns the content's number, for the spill. */
  file(path: string, size: number): number {
    this.#endRaw();
    const name = encodeName(path);
    const head = Buffer.alloc(5);
    head[0] = FILE;
    head.writeUInt32LE(name.length, 1);
    const tail = Buffer.alloc(8);
    tail.writeBigUInt64LE(BigInt(size));
    this.#add(head, name, tail);
    return this.#contents++;
  }

  #endRaw(): void {
    if (this.#rawBytes === 0) return;
    const head = Buffer.alloc(5);
    head[0] = RAW;
    head.writeUInt32LE(this.#rawBytes, 1);
    const bytes = this.#raw;
    this.#raw = [];
    this.#rawBytes = 0;
    this.#add(head, ...bytes);
  }

  #add(...parts: Buffer[]): void {
    for (const part of parts) {
      this.#frame.push(part);
      this.#frameBytes += part.length;
    }
    if (this.#frameBytes >= frameSize) this.#flush();
  }

  #flush(): void {
    if (this.#frameBytes === 0) return;
    const packed = zstdCompressSync(Buffer.concat(this.#frame));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packed.length);
    writeAll(this.#fd, Buffer.concat([length, packed]));
    this.#frame = [];
    this.#frameBytes = 0;
  }

  finish(): void {
    this.#endRaw();
    this.#flush();
  }
}

/** Keeps contents that the archive itself replaces. */
export class SpillWriter {
  #fd: number;
  #offset = 0;
  #spilled: Spilled[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Copies the whole content of an open file. */
  keep(content: number, source: number, size: number): void {
    const buffer = Buffer.allocUnsafe(Math.min(size, frameSize));
    for (let done = 0; done < size; ) {
      const read = readSync(source, buffer, 0, Math.min(buffer.length, size - done), done);
      if (read === 0) throw new EngineError("internal", "a file of the layer shrank while it was unpacked");
      writeAll(this.#fd, buffer.subarray(0, read));
      done += read;
    }
    this.#spilled.push({ content, offset: this.#offset, size });
    this.#offset += size;
  }

  /** Returns how many contents were kept; with 0 the file is of no use. */
  finish(): number {
    if (this.#spilled.length === 0) return 0;
    const list = Buffer.from(JSON.stringify(this.#spilled));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(list.length);
    writeAll(this.#fd, Buffer.concat([list, length]));
    return this.#spilled.length;
  }
}

/** @param position in the file; default where the last write ended */
export function writeAll(fd: number, bytes: Uint8Array, position?: number): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(fd, bytes, at, bytes.length - at, position === undefined ? undefined : position + at);
}

export type SplitStep = { raw: Buffer } | { path: string; size: number; spilledAt?: number };

/** Reads a record back, in order. `spill` is the second file's descriptor where there is one. */
export function* readSplit(fd: number, spill?: number): Generator<SplitStep> {
  const spilled = spill === undefined ? new Map<number, Spilled>() : readSpillList(spill);
  let contents = 0;
  let at = 0;
  const length = Buffer.alloc(4);
  while (readSync(fd, length, 0, 4, at) === 4) {
    const packed = Buffer.allocUnsafe(length.readUInt32LE());
    if (readSync(fd, packed, 0, packed.length, at + 4) !== packed.length) throw damaged();
    at += 4 + packed.length;
    for (const step of parseFrame(zstdDecompressSync(packed))) {
      if ("path" in step) {
        const kept = spilled.get(contents++);
        if (kept) step.spilledAt = kept.offset;
      }
      yield step;
    }
  }
}

function* parseFrame(frame: Buffer): Generator<SplitStep> {
  for (let at = 0; at < frame.length; ) {
    const kind = frame[at];
    const end = at + 5 + frame.readUInt32LE(at + 1);
    const body = frame.subarray(at + 5, end);
    if (kind === RAW) yield { raw: body };
    else if (kind === FILE) yield { path: decodeName(body), size: Number(frame.readBigUInt64LE(end)) };
    else throw damaged();
    at = kind === FILE ? end + 8 : end;
  }
}

function readSpillList(fd: number): Map<number, Spilled> {
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(4);
  readSync(fd, tail, 0, 4, size - 4);
  const list = Buffer.alloc(tail.readUInt32LE());
  readSync(fd, list, 0, list.length, size - 4 - list.length);
  return new Map((JSON.parse(list.toString()) as Spilled[]).map((each) => [each.content, each]));
}

function damaged(): EngineError {
  return new EngineError("corrupt", "the layer's tar record is damaged");
}
