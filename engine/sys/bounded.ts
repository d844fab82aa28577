/**
 * Reading small files that somebody else made: of images, containers, caches, and what a user names. Never more than a limit, and
 * regular files only: a device never ends, a FIFO never begins, and a sparse file of a few blocks can be larger than the memory.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { EngineError } from "../errors.ts";
import { O_PATH } from "./files.ts";

/** Bytes: ten thousand times a usual passwd(5). */
export const smallFile = 1 << 20;

export interface Bounds {
  /** How the file is called in errors: `"/etc/passwd" of the container`. */
  what: string;
  /** Bytes. */
  limit?: number;
}

/**
 * All of a file of the host's by its path.
 * @throws EngineError `invalid` for what is not regular, or too large; the system error when there is none
 */
export function readBounded(path: string, { what, limit }: Partial<Bounds> = {}): Buffer {
  const fd = openSync(path, constants.O_RDONLY | O_PATH);
  try {
    return readOpened(fd, { what: what ?? `"${path}"`, limit });
  } finally {
    closeSync(fd);
  }
}

/**
 * @param fd of open(2) with O_PATH: nothing has been opened yet that could block, or do something by being opened
 * @throws EngineError `invalid`
 */
export function readOpened(fd: number, { what, limit = smallFile }: Bounds): Buffer {
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw refused(what, `it is ${kindOf(stats)}, not a regular file`);
  const tooLarge = () => refused(what, `it is larger than ${limit / 1024} KiB`);
  if (stats.size > limit) throw tooLarge();
  const readable = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY);
  try {
    return readUpTo(readable, limit, tooLarge);
  } finally {
    closeSync(readable);
  }
}

/** All of an open file, which may grow while it is read. @throws what `tooLarge` makes, before more than the limit is kept */
export function readUpTo(fd: number, limit: number, tooLarge: () => EngineError): Buffer {
  const parts: Buffer[] = [];
  for (let total = 0; ; ) {
    const part = Buffer.allocUnsafe(64 * 1024);
    const size = readSync(fd, part, 0, part.length, null);
    if (size === 0) return Buffer.concat(parts);
    total += size;
    if (total > limit) throw tooLarge();
    parts.push(part.subarray(0, size));
  }
}

function refused(what: string, why: string): EngineError {
  return new EngineError("invalid", `cannot read ${what}: ${why}`, { exit: 125, hint: "put an ordinary file in its place" });
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isCharacterDevice()) return "a character device";
  if (stats.isBlockDevice()) return "a block device";
  return stats.isFIFO() ? "a named pipe" : "a socket";
}
