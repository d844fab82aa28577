/**
 * The content of a file on its way into a step: the very file that was scanned, opened without following a link, compared
 * by inode and times before and after, so that neither a swapped path nor an edit half-way gets into a layer under the
 * wrong key.
 */
import { closeSync, constants, copyFileSync, fchmodSync, fstatSync, openSync, type Stats } from "node:fs";
import { EngineError } from "../../errors.ts";
import type { FilePath } from "../../sys/files.ts";
import { copySparse, maySparse } from "../../sys/holes.ts";

/**
 * Makes `to` with the permission bits of the source; holes stay holes.
 * @param path how errors name it, from the root of the build context
 * @throws EngineError `conflict` when the file is not what was scanned; the system error EEXIST
 */
export function copyContent(from: FilePath, to: FilePath, scanned: Stats, path: string): void {
  const fd = openUnchanged(from, scanned, path);
  try {
    if (maySparse(scanned)) copyWithHoles(fd, to, scanned);
    else copyFileSync(`/proc/self/fd/${fd}`, to, constants.COPYFILE_EXCL);
    assertSame(fstatSync(fd), scanned, path);
  } finally {
    closeSync(fd);
  }
}

function copyWithHoles(from: number, path: FilePath, { size, mode }: Stats): void {
  const to = openSync(path, "wx", 0o600);
  try {
    copySparse(from, to, size);
    fchmodSync(to, mode & 0o777);
  } finally {
    closeSync(to);
  }
}

function openUnchanged(from: FilePath, scanned: Stats, path: string): number {
  let fd: number;
  try {
    fd = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR") throw changed(path);
    throw error;
  }
  try {
    assertSame(fstatSync(fd), scanned, path);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function assertSame(now: Stats, scanned: Stats, path: string): void {
  const same =
    now.dev === scanned.dev &&
    now.ino === scanned.ino &&
    now.size === scanned.size &&
    now.mtimeMs === scanned.mtimeMs &&
    now.ctimeMs === scanned.ctimeMs;
  if (!same) throw changed(path);
}

function changed(path: string): EngineError {
  return new EngineError("conflict", `"/${path}" changed while the build was reading it`, {
    hint: "build again when nothing writes into the build context",
  });
}
