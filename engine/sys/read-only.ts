/** A read-only way to a file, open_tree(2) and mount_setattr(2). */
import { closeSync } from "node:fs";
import { bind } from "./libc.ts";

// <asm-generic/unistd.h>, <linux/mount.h>, <fcntl.h>
const OPEN_TREE = 428;
const MOUNT_SETATTR = 442;
const OPEN_TREE_CLONE = 1;
const O_CLOEXEC = 0o2000000;
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const MOUNT_ATTR_RDONLY = 1n;

/**
 * A descriptor of the file on a read-only mount that is nowhere in the tree: nobody can remount it, and it ends with the
 * descriptor. Undefined where the kernel (before 5.12) or a missing CAP_SYS_ADMIN does not allow it.
 */
export function openReadOnly(path: string): number | undefined {
  const openTree = bind<(n: number, fd: number, path: string, flags: number) => number>(
    "long syscall(long number, int fd, const char *path, unsigned int flags)",
  );
  const setAttributes = bind<(n: number, fd: number, path: string, flags: number, attr: Uint8Array, size: number) => number>(
    "long syscall(long number, int fd, const char *path, unsigned int flags, const void *attr, size_t size)",
  );
  const fd = Number(openTree(OPEN_TREE, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC));
  if (fd < 0) return undefined;
  const attributes = new BigUint64Array([MOUNT_ATTR_RDONLY, 0n, 0n, 0n]); // struct mount_attr
  if (Number(setAttributes(MOUNT_SETATTR, fd, "", AT_EMPTY_PATH, new Uint8Array(attributes.buffer), attributes.byteLength)) === 0)
    return fd;
  closeSync(fd);
  return undefined;
}
