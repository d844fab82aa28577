/**
 * Compressing a layer on all cores, as pigz does: blocks are deflated on the threads of the pool, each with the 32 KB before it
 * as its dictionary, and joined into one ordinary gzip member (RFC 1951, RFC 1952). The bytes depend on the content alone,
 * neither on the number of cores nor on the pieces it came in: what was pushed can be made again.
 */
import { promisify } from "node:util";

/** Bytes deflated at a time. This, the level and what is left as it is are part of the format: a change makes other digests. */
const blockSize = 1 << 19;
/** Against 6, which docker uses: half the time for two per cent more bytes. */
const level = 4;
const pieceSize = 1 << 13;
const windowSize = 1 << 15;
/** A deflate block that is not compressed says its length in 16 bits (RFC 1951, 3.2.4). */
const storedLimit = 0xffff;
/** Blocks that are being deflated or wait for their turn, whatever the cores are. */
const ahead = 8;

/** No name, no time; any system (RFC 1952, 2.3). */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** @returns the chunks of one gzip member */
export async function* gzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { crc32 } = process.getBuiltinModule("node:zlib");
  const underWay: Promise<Buffer[]>[] = [];
  let crc = 0;
  let size = 0;
  let before: Buffer = Buffer.alloc(0);
  yield header;
  for await (const block of blocksOf(source)) {
    crc = crc32(block, crc);
    size += block.length;
    const deflating = deflateBlock(block, before);
    deflating.catch(() => {}); // reported when its turn comes
    underWay.push(deflating);
    before = block.subarray(-windowSize);
    if (underWay.length > ahead) yield* await underWay.shift()!;
  }
  for (const each of underWay) yield* await each;
  const end = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // an empty last block comes first
  end.writeUInt32LE(crc, 2);
  end.writeUInt32LE(size % 2 ** 32, 6);
  yield end;
}

/** The same bytes in blocks that are full, but for the last. */
async function* blocksOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let left = blockSize;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + left);
      at += part.length;
      left -= part.length;
      parts.push(part);
      if (left > 0) continue;
      yield parts.length === 1 ? part : Buffer.concat(parts);
      parts = [];
      left = blockSize;
    }
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

async function deflateBlock(block: Buffer, before: Buffer): Promise<Buffer[]> {
  const parts = stretchesOf(block).map(({ from, to, isNoise }) =>
    isNoise ? stored(block.subarray(from, to)) : deflate(block.subarray(from, to), windowBefore(block, from, before)),
  );
  return (await Promise.all(parts)).flat();
}

/** What a reader has last seen when it comes to this place. */
function windowBefore(block: Buffer, at: number, before: Buffer): Buffer {
  if (at >= windowSize) return block.subarray(at - windowSize, at);
  return at === 0 ? before : Buffer.concat([before, block.subarray(0, at)]).subarray(-windowSize);
}

/** Ends at a whole byte, so that anything can follow. */
async function deflate(bytes: Buffer, dictionary: Buffer): Promise<Buffer[]> {
  const { deflateRaw, constants } = process.getBuiltinModule("node:zlib");
  const options = { level, dictionary, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: bytes.length + 1024 };
  return [await promisify(deflateRaw as never)(bytes, options)];
}

function stored(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += storedLimit) {
    const part = bytes.subarray(at, at + storedLimit);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(part.length ^ 0xffff, 3);
    parts.push(head, part);
  }
  return parts;
}

interface Stretch {
  from: number;
  to: number;
  isNoise: boolean;
}

/** Adjacent pieces of one kind are one stretch. */
function stretchesOf(block: Buffer): Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = 0; from < block.length; from += pieceSize) {
    const to = Math.min(from + pieceSize, block.length);
    const isNoise = to - from === pieceSize && looksRandom(block, from);
    const last = stretches.at(-1);
    if (last?.isNoise === isNoise) last.to = to;
    else stretches.push({ from, to, isNoise });
  }
  return stretches;
}

/** Prime to the sizes of numbers and pixels, whose bytes are not alike. */
const stride = 7;
const counts = new Uint32Array(256);

/**
 * True for a piece in which every byte is about as frequent as any other, as in what is compressed or encrypted already: by
 * deflating it, one per cent could be gained at most, for most of the time of all. (But for repetitions within 32 KB of random
 * bytes, which are not looked for.) Whole numbers only, as the answer must be the same everywhere.
 */
function looksRandom(block: Buffer, from: number): boolean {
  counts.fill(0);
  let sampled = 0;
  for (let at = from; at < from + pieceSize; at += stride, sampled++) counts[block[at]!]!++;
  let squares = 0;
  for (const count of counts) squares += count * count;
  // The sum of squares that equal frequencies give by chance is n + n²/256; an eighth more of the second part is let pass.
  return squares * 2048 <= 2048 * sampled + 9 * sampled * sampled;
}
