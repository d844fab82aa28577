/**
 * The compressions that Node knows, told by their first bytes. Archives are often made of parts that are compressed one by
 * one (pigz, pzstd, zstd:chunked): gzip's members Node reads on by itself, but after a frame of zstd it takes what comes in
 * the same piece for rubbish. So pieces end where frames end.
 */
import type { Transform } from "node:stream";

const gzipMagic = 0x8b1f;
const zstdMagic = 0xfd2fb528;
/** Frames that hold other things than data: 16 numbers (RFC 8878, "Skippable Frames"). */
const isSkippable = (magic: number) => magic >>> 4 === 0x184d2a5;

export interface Decompressor {
  stream: Transform;
  /** What to write for a chunk, piece by piece. */
  cut(chunk: Buffer): Buffer[];
}

/** Undefined for what is not compressed, or in another way. @param head at least four bytes where there are as many */
export function compressionOf(head: Buffer): "gzip" | "zstd" | undefined {
  if (head.length >= 2 && head.readUInt16LE() === gzipMagic) return "gzip";
  const magic = head.length >= 4 ? head.readUInt32LE() : 0;
  return magic === zstdMagic || isSkippable(magic) ? "zstd" : undefined;
}

/** @param chunkSize bytes that come out at once */
export function openDecompressor(compression: "gzip" | "zstd", chunkSize: number): Decompressor {
  const zlib = process.getBuiltinModule("node:zlib");
  if (compression === "gzip") return { stream: zlib.createGunzip({ chunkSize }), cut: (chunk) => [chunk] };
  const cutter = new FrameCutter();
  return { stream: zlib.createZstdDecompress({ chunkSize }), cut: (chunk) => cutter.cut(chunk) };
}

/** Bytes to be looked at, bytes to be passed over, or the end of a frame. */
type Step = { read: number } | { skip: number } | "end";

/** The form of zstd's frames (RFC 8878, section 3). What is none is passed over: the decompressor says so. */
function* walkFrames(): Generator<Step, void, Buffer> {
  for (;;) {
    const magic = (yield { read: 4 }).readUInt32LE();
    if (isSkippable(magic)) yield { skip: (yield { read: 4 }).readUInt32LE() };
    else if (magic === zstdMagic) yield* walkFrame();
    else yield { skip: Number.POSITIVE_INFINITY };
    yield "end";
  }
}

function* walkFrame(): Generator<Step, void, Buffer> {
  const descriptor = (yield { read: 1 })[0]!;
  const single = (descriptor & 0x20) !== 0;
  const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  yield { skip: (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + contentSize };
  for (let last = false; !last; ) {
    const block = (yield { read: 3 }).readUIntLE(0, 3);
    const isRepeated = ((block >> 1) & 3) === 1;
    last = (block & 1) !== 0;
    yield { skip: isRepeated ? 1 : block >> 3 };
  }
  if (descriptor & 4) yield { skip: 4 }; // checksum
}

class FrameCutter {
  #walk = walkFrames();
  #step: Step;
  #read = Buffer.alloc(0);

  constructor() {
    this.#step = this.#walk.next(this.#read).value as Step;
  }

  /** The same bytes; no piece goes beyond the end of a frame. */
  cut(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    let begin = 0;
    for (let at = 0; at < chunk.length; ) {
      at += this.#advance(chunk, at);
      if (this.#step !== "end") continue;
      pieces.push(chunk.subarray(begin, at));
      begin = at;
      this.#next();
    }
    if (begin < chunk.length) pieces.push(chunk.subarray(begin));
    return pieces;
  }

  #advance(chunk: Buffer, at: number): number {
    const step = this.#step as Exclude<Step, "end">;
    const used = Math.min("read" in step ? step.read - this.#read.length : step.skip, chunk.length - at);
    if ("read" in step) {
      this.#read = Buffer.concat([this.#read, chunk.subarray(at, at + used)]);
      if (this.#read.length === step.read) this.#next();
    } else {
      step.skip -= used;
      if (step.skip === 0) this.#next();
    }
    return used;
  }

  #next(): void {
    do this.#step = this.#walk.next(this.#read).value as Step;
    while (this.#step !== "end" && "skip" in this.#step && this.#step.skip === 0);
    this.#read = Buffer.alloc(0);
  }
}
