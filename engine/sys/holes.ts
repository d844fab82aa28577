/** Sparse files: where their data lies, and copying it without filling the holes. */
import { ftruncateSync, readSync, writeSync } from "node:fs";
import { bind, lastErrno, systemError } from "./libc.ts";

/** A run of bytes of a file. */
export interface Segment {
  offset: number;
  length: number;
}

// <unistd.h>, <errno.h>
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const ENXIO = 6;
const EINVAL = 22;

/** True when a file takes less room than it has bytes: there may be holes (or its file system compresses). */
export function maySparse({ size, blocks }: { size: number | bigint; blocks: number | bigint }): boolean {
  return Number(blocks) * 512 < Number(size);
}

/** The parts of a file that are no holes, in order; all of it on a file system that cannot tell. @param size its bytes */
export function dataSegments(fd: number, size: number): Segment[] {
  const found: Segment[] = [];
  for (let at = 0; at < size; ) {
    const offset = seek(fd, at, SEEK_DATA);
    if (offset === undefined || offset >= size) break; // nothing but a hole
    const end = Math.min(seek(fd, offset, SEEK_HOLE) ?? size, size);
    found.push({ offset, length: end - offset });
    at = end;
  }
  return found;
}

/** lseek(2); undefined when there is nothing of the kind behind the place. */
function seek(fd: number, from: number, whence: number): number | undefined {
  const call = bind<(fd: number, offset: number, whence: number) => number>("long lseek(int fd, long offset, int whence)");
  const place = Number(call(fd, from, whence));
  if (place >= 0) return place;
  const errno = lastErrno();
  if (errno === ENXIO) return undefined;
  if (errno === EINVAL) return whence === SEEK_DATA ? from : undefined;
  throw systemError(errno, "lseek");
}

const blockSize = 4096;
/** Bytes of zeros that are worth a hole: a hole costs system calls and an extent. */
const smallestHole = 8 * blockSize;
const zeros = Buffer.alloc(blockSize);

/**
 * The parts of a piece of a file that must be written for it to have the piece's content where it was empty: all but long
 * runs of zeros. @param position of the piece in the file
 */
export function* dataRuns(piece: Buffer, position: number): Generator<Segment> {
  let from = 0;
  for (let at = 0; at < piece.length; ) {
    const end = endOfZeros(piece, at, position);
    // A run at an edge may go on in the next piece.
    if (end > at && (end - at >= smallestHole || at === 0 || end === piece.length)) {
      if (at > from) yield { offset: from, length: at - from };
      from = end;
    }
    at = end > at ? end : endOfBlock(piece, at, position);
  }
  if (from < piece.length) yield { offset: from, length: piece.length - from };
}

function endOfBlock(piece: Buffer, at: number, position: number): number {
  return Math.min(piece.length, at + blockSize - ((position + at) % blockSize));
}

/** Where the blocks of zeros end that begin at a place; the place itself when there are none. */
function endOfZeros(piece: Buffer, start: number, position: number): number {
  for (let at = start; ; ) {
    const end = endOfBlock(piece, at, position);
    if (at === end || piece[at] !== 0 || zeros.compare(piece, at, end, 0, end - at) !== 0) return at;
    at = end;
  }
}

const pieceSize = 1 << 20;

/** Copies what is data of the first `size` bytes into an empty file, which gets the holes of the other. */
export function copySparse(from: number, to: number, size: number): void {
  const buffer = Buffer.allocUnsafe(pieceSize);
  for (const { offset, length } of dataSegments(from, size)) {
    for (let done = 0; done < length; ) {
      const read = readSync(from, buffer, 0, Math.min(pieceSize, length - done), offset + done);
      if (read === 0) break; // shorter than it was: the caller looks
      for (let at = 0; at < read; ) at += writeSync(to, buffer, at, read - at, offset + done + at);
      done += read;
    }
  }
  ftruncateSync(to, size);
}
