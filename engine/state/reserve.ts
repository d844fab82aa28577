/**
 * Room for emergencies: a file that is given up when the disk is full. Without it SQLite could not even open the
 * database (its shared memory file needs blocks), and so nothing could be listed, stopped or removed to make room.
 */
import { existsSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import type { Paths } from "./paths.ts";

/** Bytes: the database's shared memory, and the log of a few removals. */
const reserveSize = 512 * 1024;
/** Bytes free below which a reserve would only make things worse. */
const plenty = 8 * reserveSize;

/** Makes the file where there is none; a full disk has to do without. */
export function keepReserve(paths: Paths): void {
  if (existsSync(paths.reserve) || freeSpace(paths) < plenty) return;
  try {
    // Real bytes, as a hole would reserve nothing.
    writeFileSync(paths.reserve, Buffer.alloc(reserveSize, 1), { mode: 0o600 });
  } catch {
    rmSync(paths.reserve, { force: true }); // the disk was filled meanwhile
  }
}

/** True when the file system of the state directory has no bytes or no inodes left. */
export function isFull(paths: Paths): boolean {
  return freeSpace(paths) < reserveSize;
}

/** @returns false when it was given up before, or the disk is not full: read-only */
export function giveUpReserve(paths: Paths): boolean {
  if (!isFull(paths) || !existsSync(paths.reserve)) return false;
  rmSync(paths.reserve, { force: true });
  return true;
}

/** Bytes; 0 without inodes (file systems that have no fixed number of them say 0 of 0). */
function freeSpace({ root }: Paths): number {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(root);
    return files > 0 && ffree === 0 ? 0 : bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY; // not there: another error says so
  }
}
