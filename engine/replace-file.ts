/** Files that others read, or that cannot be made again: never half of one. */
import { chownSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";

export interface Replacement {
  /** Of the file, less the umask; default that of what it replaces, with its owner. */
  mode?: number;
  /** On the disk before it has its name: for what is read after a power cut without a check. */
  flush?: boolean;
  /** What a link leads to is replaced, else the link: for files that a user may have put elsewhere. */
  behindLinks?: boolean;
}

/**
 * Gives a file new content in one step, by a file beside it that takes its name: no reader sees half of it.
 * @throws what node:fs throws (ENOSPC, EACCES, EISDIR …): what was there is as it was, and nothing new lies beside it
 */
export function replaceFile(path: string, content: string | Uint8Array, { mode, flush = false, behindLinks }: Replacement = {}): void {
  const target = behindLinks ? realPath(path) : path;
  const before = mode === undefined ? statSync(target, { throwIfNoEntry: false }) : undefined;
  const fresh = `${target}.${process.pid}`;
  try {
    rmSync(fresh, { force: true }); // of a process that was killed
    // Exclusive: in a directory that others write to, it must not be a link of theirs.
    writeFileSync(fresh, content, { mode: mode ?? before?.mode ?? 0o666, flush, flag: "wx" });
    if (before) giveTo(fresh, before);
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // not there yet
  }
}

function giveTo(path: string, { uid, gid }: Stats): void {
  if (uid !== process.geteuid?.() || gid !== process.getegid?.()) chownSync(path, uid, gid);
}
