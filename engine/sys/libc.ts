/**
 * System calls, in process, through koffi or calls.node: a mount costs under a millisecond here and 3 ms by mount(8). This file holds
 * the loading, errno handling and the plain calls; sockets and netlink live beside it. No other room loads koffi.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname } from "node:path";
import { type Calls, loadCalls } from "./calls.ts";

type Koffi = typeof import("koffi");
type Native = (...args: never[]) => number | bigint;

let koffi: Koffi | undefined;
/** Null where there are none: koffi calls everything then. */
let calls: Calls | null | undefined;
const libraries = new Map<string, Functions>();
const functions = new Map<string, unknown>();

/**
 * koffi's binary itself: its JavaScript index costs 7 ms at start-up, looking for the binary as `require` does 1 ms, the
 * binary 0.7 ms.
 */
function loadKoffi(): Koffi {
  return (koffi ??= findKoffi());
}

function ownCalls(): Calls | null {
  if (calls === undefined) calls = loadCalls() ?? null;
  return calls;
}

/** True when a call costs no loading any more. */
export const isLoaded = (): boolean => koffi !== undefined || Boolean(calls);

/** errno(3) of the last call. */
export const lastErrno = (): number => ownCalls()?.errno() ?? noticed;

/** errno after the last call by koffi. */
let noticed = 0;

/** Of a typed array's memory, for structures that point to it; it stays there as long as the array is used. */
export const addressOf = (memory: NodeJS.TypedArray): bigint => BigInt(ownCalls()?.address(memory) ?? loadKoffi().address(memory));

function findKoffi(): Koffi {
  const binary = `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;
  const module = { exports: {} as Koffi };
  const here = process.versions.bun ? process.execPath : import.meta.filename; // an executable of Bun has its modules inside
  const require = createRequire(here);
  try {
    process.dlopen(module, `${dirname(here)}/../../node_modules/${binary}`);
    return module.exports;
  } catch {
    // In another package's node_modules they are further up.
  }
  try {
    return require(binary) as Koffi;
  } catch {
    return require("koffi") as Koffi;
  }
}

/** Binds a C function by its prototype, once. */
export function bind<F = Native>(prototype: string, library = "libc.so.6"): F {
  const key = `${library}\0${prototype}`;
  let found = functions.get(key);
  if (!found) functions.set(key, (found = libraryAt(library)(prototype)));
  return found as F;
}

function libraryAt(path: string): Functions {
  let found = libraries.get(path);
  if (!found) libraries.set(path, (found = load(path)));
  return found;
}

/** Functions of a library by their prototypes. */
export type Functions = (prototype: string) => (...args: never[]) => unknown;

/** Loads a library, whatever was loaded from that path before. */
export function load(path: string): Functions {
  const own = ownCalls()?.load(path);
  if (own) return (prototype) => own(prototype) ?? loadKoffi().load(path).func(prototype);
  const loaded = loadKoffi().load(path);
  return (prototype) => noted(loaded.func(prototype), loadKoffi().errno);
}

/** errno is looked at in the same breath: compiling or collecting garbage until somebody asks would set another. */
const noted =
  (call: (...args: never[]) => unknown, errno: () => number) =>
  (...args: never[]): unknown => {
    const result = call(...args);
    noticed = errno();
    return result;
  };

/** The system error for an errno, shaped like Node's own: `code`, `errno`, `syscall`, message "ENOENT: …, mount 'x'". */
export function systemError(errno: number, syscall: string, object?: string): NodeJS.ErrnoException {
  // Not node:util's name: that module takes 3 ms to load.
  const [code = `error ${errno}`] = Object.entries(constants.errno).find(([, number]) => number === errno) ?? [];
  const text = bind<(n: number) => string>("const char *strerror(int)")(errno).toLowerCase();
  const error: NodeJS.ErrnoException = new Error(`${code} (${text}), ${syscall}${object === undefined ? "" : ` "${object}"`}`);
  return Object.assign(error, { code, errno: -errno, syscall });
}

/** Throws the system error when a call returned a negative number; gives the result back otherwise. */
export function check(result: number | bigint, syscall: string, object?: string): number {
  if (result < 0) throw systemError(lastErrno(), syscall, object);
  return Number(result);
}

/** C strings end in NUL: bytes get one, strings are `bind`'s business. */
export function cPath(path: string | Buffer): string | Buffer {
  return typeof path === "string" ? path : Buffer.concat([path, Buffer.of(0)]);
}

// <sys/mount.h>
export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  REMOUNT: 32,
  BIND: 4096,
  MOVE: 8192,
  REC: 16384,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
};
const MNT_DETACH = 2;
// <sched.h>
export const CLONE = { FS: 0x200, NEWNS: 0x20000, NEWNET: 0x40000000 };
// <sys/file.h>
export const LOCK = { SH: 1, EX: 2, NB: 4, UN: 8 };

/** mount(2) */
export function mount(source: string, target: string, type: string, flags = 0, data: string | null = null): void {
  const call = bind<(s: string, t: string, f: string, n: number, d: string | null) => number>(
    "int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)",
  );
  check(call(source, target, type, flags, data), "mount", target);
}

/** umount2(2); a target that is not a mount point (EINVAL) or does not exist (ENOENT) is fine. */
export function unmount(target: string, flags = MNT_DETACH): void {
  const result = bind<(t: string, f: number) => number>("int umount2(const char *target, int flags)")(target, flags);
  if (result === 0) return;
  const errno = lastErrno();
  if (errno !== 22 && errno !== 2) throw systemError(errno, "umount", target);
}

/** Lazily unmounts everything mounted on a directory or below it, the innermost first. */
export function unmountBelow(directory: string): void {
  const targets = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    // Field 5 of proc(5) mountinfo, with octal escapes for blanks and backslashes.
    .map((line) =>
      (line.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((target) => target === directory || target.startsWith(`${directory}/`));
  for (const target of targets.reverse()) unmount(target);
}

/** unshare(2): of the calling thread only. */
export function unshare(flags: number): void {
  check(bind<(f: number) => number>("int unshare(int flags)")(flags), "unshare");
}

/** setns(2): of the calling thread only. */
export function setns(fd: number, type: number): void {
  check(bind<(f: number, t: number) => number>("int setns(int fd, int type)")(fd, type), "setns");
}

/** flock(2), without blocking: true when the lock was taken, false when another holds it. */
export function tryFlock(fd: number, operation: number): boolean {
  if (bind<(f: number, o: number) => number>("int flock(int fd, int operation)")(fd, operation | LOCK.NB) === 0) return true;
  const errno = lastErrno();
  if (errno === 11) return false;
  throw systemError(errno, "flock");
}

/** flock(2), blocking, on a thread of koffi's pool so that the event loop goes on. */
export function flock(fd: number, operation: number): Promise<void> {
  const call = loadKoffi().load("libc.so.6").func("int flock(int fd, int operation)");
  return new Promise((resolve, reject) => {
    call.async(fd, operation, (error: Error | null, result: number) => {
      if (error) reject(error);
      else if (result < 0) reject(systemError(4, "flock"));
      else resolve();
    });
  });
}

/** chroot(2) of this thread's file system attributes: call after `unshare(CLONE.FS)`. */
export function chroot(path: string | Buffer): void {
  check(bind<(p: string | Buffer) => number>("int chroot(const char *path)")(cPath(path)), "chroot", String(path));
  check(bind<(p: string) => number>("int chdir(const char *path)")("/"), "chdir", "/");
}

/** fchdir(2) */
export function changeDirectory(fd: number): void {
  check(bind<(f: number) => number>("int fchdir(int fd)")(fd), "fchdir");
}

/** lgetxattr(2); undefined when the file has no such attribute. */
export function getXattr(path: string | Buffer, name: string): Buffer | undefined {
  const call = bind<(p: string | Buffer, n: string, v: Uint8Array, s: number) => number>(
    "long lgetxattr(const char *path, const char *name, _Out_ void *value, size_t size)",
  );
  const value = Buffer.alloc(65536);
  const size = Number(call(cPath(path), name, value, value.length));
  if (size >= 0) return Buffer.from(value.subarray(0, size));
  const errno = lastErrno();
  if (errno === 61 || errno === 95) return undefined; // ENODATA, EOPNOTSUPP
  throw systemError(errno, "lgetxattr", String(path));
}
