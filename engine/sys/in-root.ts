/**
 * Files of a container's root file system, opened as the container would see them: absolute symlinks and ".." stay
 * inside (openat2(2), RESOLVE_IN_ROOT), also while the container's processes change the tree.
 */
import { chmodSync, closeSync, constants, fstatSync, mkdirSync, openSync } from "node:fs";
import { readOpened } from "./bounded.ts";
import { type FilePath, O_PATH, readLinkOf } from "./files.ts";
import { bind, cPath, lastErrno, systemError } from "./libc.ts";

const OPENAT2 = 437;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_IN_ROOT = 0x10;
const O_CLOEXEC = 0o2000000;
const ENOENT = 2;
const EAGAIN = 11;
const ENOTDIR = 20;
const ELOOP = 40;

/**
 * @param root directory, or the descriptor of one
 * @param mode permission bits of a file made by O_CREAT
 * @throws the system error of openat2(2)
 */
export function openInRoot(root: string | number, path: FilePath, flags: number, mode = 0): number {
  const fd = tryOpenInRoot(root, path, flags, mode);
  if (fd < 0) throw systemError(-fd, "openat2", String(path));
  return fd;
}

/** @returns the negative errno where it cannot be opened: what is looked for on a way is mostly not there, and errors take time */
function tryOpenInRoot(root: string | number, path: FilePath, flags: number, mode = 0): number {
  // Not as a directory: of a bind that is a file the kernel says that there is nothing in it.
  const directory = typeof root === "number" ? root : openSync(root, O_PATH);
  try {
    const how = Buffer.alloc(24);
    how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0);
    how.writeBigUInt64LE(BigInt(mode), 8);
    how.writeBigUInt64LE(BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), 16);
    const call = bind<(n: number, fd: number, p: FilePath, how: Buffer, s: number) => number>(
      "long syscall(long number, int fd, const char *path, const void *how, size_t size)",
    );
    for (;;) {
      const fd = Number(call(OPENAT2, directory, cPath(path), how, how.length));
      if (fd >= 0) return fd;
      const errno = lastErrno();
      // A rename somewhere raced with "..": the kernel asks to try again (openat2(2), EAGAIN).
      if (errno !== EAGAIN) return -errno;
    }
  } finally {
    if (typeof root === "string") closeSync(directory);
  }
}

/**
 * Text of a small file inside a root; undefined when there is none.
 * @throws EngineError `invalid` for what is there and is no small regular file
 */
export function readInRoot(root: string | number, path: string, of = "the container"): string | undefined {
  const fd = tryOpenInRoot(root, path, O_PATH);
  if ([ENOENT, ENOTDIR, ELOOP].includes(-fd)) return undefined;
  if (fd < 0) throw systemError(-fd, "openat2", path);
  try {
    return readOpened(fd, { what: `"${path}" of ${of}` }).toString("utf8");
  } finally {
    closeSync(fd);
  }
}

/** What a symbolic link inside a root holds; undefined for anything else, and for nothing. */
export function linkInRoot(root: string | number, path: string): string | undefined {
  const fd = tryOpenInRoot(root, path, O_PATH | constants.O_NOFOLLOW);
  if ([ENOENT, ENOTDIR].includes(-fd)) return undefined;
  if (fd < 0) throw systemError(-fd, "openat2", path);
  try {
    return fstatSync(fd).isSymbolicLink() ? readLinkOf(fd).toString() : undefined;
  } finally {
    closeSync(fd);
  }
}

/**
 * mkdir -p inside a root. New directories belong to root, as those of docker's WorkingDir.
 * @throws the system error of what stands in the way
 */
export function makeDirectoryInRoot(root: string, path: string, mode: number): void {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  for (let depth = 1; depth <= parts.length; depth++) {
    const each = `/${parts.slice(0, depth).join("/")}`;
    if (isDirectoryInRoot(root, each)) continue;
    const parent = openInRoot(root, `/${parts.slice(0, depth - 1).join("/")}`, constants.O_DIRECTORY | O_PATH);
    try {
      mkdirSync(`/proc/self/fd/${parent}/${parts[depth - 1]}`, { mode });
      chmodSync(`/proc/self/fd/${parent}/${parts[depth - 1]}`, mode);
    } finally {
      closeSync(parent);
    }
  }
}

function isDirectoryInRoot(root: string, path: string): boolean {
  const fd = tryOpenInRoot(root, path, constants.O_DIRECTORY | O_PATH);
  if (fd >= 0) closeSync(fd);
  return fd >= 0;
}
