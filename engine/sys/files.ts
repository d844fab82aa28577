/**
 * System calls on files that Node has no function for, or only one that loses something (nanoseconds, names that are
 * not UTF-8). Paths are strings, or bytes where a string cannot say them.
 */
import { bind, check, cPath, lastErrno, systemError } from "./libc.ts";

export type FilePath = string | Buffer;

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const times = Buffer.alloc(32);

/** utimensat(2) without following a symlink: access and modification time both become `seconds` + `nanoseconds`. */
export function setTimes(path: FilePath, seconds: number, nanoseconds: number): void {
  fillTimes(seconds, nanoseconds);
  const call = bind<(fd: number, path: FilePath, times: Buffer, flags: number) => number>(
    "int utimensat(int fd, const char *path, const void *times, int flags)",
  );
  check(call(AT_FDCWD, cPath(path), times, AT_SYMLINK_NOFOLLOW), "utimensat", String(path));
}

/** A time of stat(2) as utimensat(2) takes it: before 1970, too, the nanoseconds count upwards. */
export function splitTime(time: bigint): { seconds: number; nanoseconds: number } {
  const rest = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: Number((time - rest) / 1_000_000_000n), nanoseconds: Number(rest) };
}

/** futimens(3) */
export function setTimesOf(fd: number, seconds: number, nanoseconds: number): void {
  fillTimes(seconds, nanoseconds);
  check(bind<(fd: number, times: Buffer) => number>("int futimens(int fd, const void *times)")(fd, times), "futimens");
}

function fillTimes(seconds: number, nanoseconds: number): void {
  times.writeBigInt64LE(BigInt(seconds), 0);
  times.writeBigInt64LE(BigInt(nanoseconds), 8);
  times.copy(times, 16, 0, 16);
}

/** umask(2) of the calling thread's file system attributes: only after `unshare(CLONE.FS)`. */
export function setUmask(mask: number): void {
  bind<(mask: number) => number>("unsigned int umask(unsigned int mask)")(mask);
}

const scratch = Buffer.alloc(65536);

/** Names and values of the extended attributes of a file, not following a symlink. One call when there are none. */
export function readXattrs(path: FilePath, wanted: (name: string) => boolean): Map<string, Buffer> | undefined {
  const c = cPath(path);
  const list = bind<(p: FilePath, l: Buffer, s: number) => number>("long llistxattr(const char *path, void *list, size_t size)");
  const length = Number(list(c, scratch, scratch.length));
  if (length === 0) return undefined;
  if (length < 0) return ignore([95], "llistxattr", path); // EOPNOTSUPP
  const names = scratch
    .toString("utf8", 0, length)
    .split("\0")
    .filter((name) => name && wanted(name));
  const get = bind<(p: FilePath, n: string, v: Buffer, s: number) => number>(
    "long lgetxattr(const char *path, const char *name, void *value, size_t size)",
  );
  const found = new Map<string, Buffer>();
  for (const name of names) {
    const size = Number(get(c, name, scratch, scratch.length));
    if (size >= 0) found.set(name, Buffer.from(scratch.subarray(0, size)));
    else ignore([61, 95], "lgetxattr", path); // ENODATA: gone since
  }
  return found.size > 0 ? found : undefined;
}

// struct statvfs on 64-bit glibc: f_flag after eight words, of 112 bytes
const statvfsSize = 112;
const statvfsFlag = 72;
const mountOptions: readonly (readonly [flag: number, option: string])[] = [
  [2, "nosuid"],
  [4, "nodev"],
  [8, "noexec"],
];

/** statvfs(3): flags of the mount that a path lies on. */
function mountFlagsOf(path: string): number {
  const found = Buffer.alloc(statvfsSize);
  check(bind<(p: string, s: Buffer) => number>("int statvfs(const char *path, void *found)")(path, found), "statvfs", path);
  return found.readUInt32LE(statvfsFlag);
}

/** What the mount that a path lies on forbids, in mount(8)'s words. */
export function restrictionsOf(path: string): string[] {
  const flags = mountFlagsOf(path);
  return mountOptions.filter(([flag]) => flags & flag).map(([, option]) => option);
}

/** True when the mount that a path lies on is read-only. */
export function isReadOnly(path: string): boolean {
  return (mountFlagsOf(path) & 1) !== 0;
}

/** fgetxattr(2): true when the open file has the attribute. */
export function hasXattr(fd: number, name: string): boolean {
  const call = bind<(fd: number, n: string, v: null, s: number) => number>(
    "long fgetxattr(int fd, const char *name, void *value, size_t size)",
  );
  return Number(call(fd, name, null, 0)) >= 0;
}

/** lsetxattr(2) */
export function writeXattr(path: FilePath, name: string, value: Buffer): void {
  const call = bind<(p: FilePath, n: string, v: Buffer, s: number, f: number) => number>(
    "int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)",
  );
  check(call(cPath(path), name, value, value.length, 0), "lsetxattr", String(path));
}

/** mknod(2). `mode` includes the type bits. */
export function makeNode(path: FilePath, mode: number, major = 0, minor = 0): void {
  // The kernel's encoding of dev_t in mknod(2), <linux/kdev_t.h> new_encode_dev
  const device = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  const call = bind<(p: FilePath, m: number, d: number) => number>("int mknod(const char *path, unsigned int mode, unsigned long device)");
  check(call(cPath(path), mode, device >>> 0), "mknod", String(path));
}

/** readlinkat(2) of an open symbolic link (O_PATH | O_NOFOLLOW): its target. */
export function readLinkOf(fd: number): Buffer {
  const call = bind<(fd: number, path: string, b: Buffer, s: number) => number>(
    "long readlinkat(int fd, const char *path, void *buffer, size_t size)",
  );
  const target = Buffer.alloc(4096);
  return target.subarray(0, check(Number(call(fd, "", target, target.length)), "readlinkat"));
}

/** fallocate(2): gives the disk space of the first `length` bytes back; they read as zeros. Not every file system can. */
export function punchHole(fd: number, length: number): void {
  const PUNCH_HOLE_KEEP_SIZE = 3;
  const call = bind<(fd: number, mode: number, offset: number, length: number) => number>(
    "int fallocate(int fd, int mode, long offset, long length)",
  );
  if (call(fd, PUNCH_HOLE_KEEP_SIZE, 0, length) < 0) ignore([95], "fallocate", ""); // EOPNOTSUPP
}

/** open(2)'s flag that Node does not name: a descriptor of the path, without opening what it leads to. */
export const O_PATH = 0o10000000;

// <linux/openat2.h>; the call's number is the same on every architecture
const OPENAT2 = 437;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;

/**
 * openat2(2) below a directory, through no symlink at all.
 * @returns a descriptor, or undefined when the path does not exist, is a symlink, or is not of the asked kind
 */
export function openBeneath(directory: number, path: FilePath, flags: number): number | undefined {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(flags | 0o2000000), 0); // O_CLOEXEC
  how.writeBigUInt64LE(BigInt(RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH), 16);
  const call = bind<(n: number, fd: number, p: FilePath, how: Buffer, s: number) => number>(
    "long syscall(long number, int fd, const char *path, const void *how, size_t size)",
  );
  const fd = Number(call(OPENAT2, directory, cPath(path), how, how.length));
  return fd >= 0 ? fd : ignore([2, 20, 40, 18], "openat2", path); // ENOENT, ENOTDIR, ELOOP, EXDEV
}

/** close(2) of what `openBeneath` opened: Node keeps count of a worker's own descriptors and warns about others. */
export function closeDescriptor(fd: number): void {
  check(bind<(fd: number) => number>("int close(int fd)")(fd), "close");
}

function ignore(errnos: number[], syscall: string, path: FilePath): undefined {
  const errno = lastErrno();
  if (errnos.includes(errno)) return undefined;
  throw systemError(errno, syscall, String(path));
}
