/** Where a file system puts what is made: hints, which it may know or not. */
import { closeSync, openSync } from "node:fs";
import { bind } from "./libc.ts";

// <linux/fs.h>: the numbers say "long", the kernel takes an int
const FS_IOC_GETFLAGS = 0x8008_6601;
const FS_IOC_SETFLAGS = 0x4008_6602;
const FS_TOPDIR_FL = 0x0002_0000;

/**
 * Directories made in this one from now on get a part of the disk to themselves each, with what is in them (ext4; chattr(1), "T").
 *
 * Otherwise all lie in one, where ext4 looks at every inode that was freed in the last minutes before it takes another: ten thousand
 * files that were just removed make each new one take a quarter of a millisecond.
 */
export function spreadBelow(directory: string): void {
  const control = bind<(fd: number, request: number, flags: Int32Array) => number>("int ioctl(int fd, unsigned long request, int *flags)");
  const fd = openSync(directory, "r");
  try {
    const flags = new Int32Array(2);
    if (control(fd, FS_IOC_GETFLAGS, flags) < 0 || flags[0]! & FS_TOPDIR_FL) return;
    flags[0]! |= FS_TOPDIR_FL;
    control(fd, FS_IOC_SETFLAGS, flags); // one that does not know the hint refuses it
  } finally {
    closeSync(fd);
  }
}
