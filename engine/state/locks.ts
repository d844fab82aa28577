/**
 * Locks between processes: flock(2) on files under RUN/locks, which the kernel releases when the holder dies, however
 * it dies. One per container id serialises start, stop, remove; "network" serialises changes of bridges and rules.
 * Always taken in the order container, then network, so that two processes cannot deadlock.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setCloseOnExec } from "../sys/fcntl.ts";
import { flock, LOCK, tryFlock } from "../sys/libc.ts";
import { isAlive, startOf } from "../sys/owner.ts";
import type { Ground } from "./ground.ts";

export interface HeldLock extends Disposable {
  /** A child that gets it holds the lock too, until both have let go. */
  readonly fd: number;
}

/** For locks of state directories without room. */
const elsewhere = ["/run/berth-locks", "/dev/shm/berth-locks"];

/** In-process waiters by file: only the first of them waits in the kernel, on one of the few threads of the pool. */
const queues = new Map<string, Promise<void>>();

/**
 * Takes a lock, waiting for its holder. The file stays: unlinking it would let two processes hold "the" lock on
 * different inodes.
 * @param name a container id, or a fixed name; never user text
 */
export async function lock(ground: Ground, name: string, options: { shared?: boolean } = {}): Promise<Disposable> {
  void ground.db; // makes the run directory
  return lockFile(join(ground.paths.locks, name), options);
}

/** Takes a lock for itself alone if nobody, of this process or another, holds it; else undefined. */
export function tryLock(ground: Ground, name: string): HeldLock | undefined {
  void ground.db; // makes the run directory
  const fd = openLock(join(ground.paths.locks, name));
  if (!tryFlock(fd, LOCK.EX)) {
    closeSync(fd);
    return undefined;
  }
  return heldBy(fd);
}

/** A lock that the parent took and gave to this process as a descriptor; undefined when that is something else. */
export function inheritLock(ground: Ground, name: string, fd: number): HeldLock | undefined {
  const file = statSync(join(ground.paths.locks, name), { throwIfNoEntry: false });
  const given = fstatSync(fd, { throwIfNoEntry: false } as object) as Stats | undefined;
  if (!file || !given || file.ino !== given.ino || file.dev !== given.dev) return undefined;
  setCloseOnExec(fd); // a container must not inherit the lock
  return heldBy(fd);
}

function heldBy(fd: number): HeldLock {
  let held = true;
  return {
    fd,
    [Symbol.dispose]() {
      if (held) closeSync(fd);
      held = false;
    },
  };
}

/**
 * Notes in a lock which process is given it, so that `isHeldByNoted` can tell without trying, which takes calls in C: 2 ms of `ps`. What cannot
 * be written (the disk is full) is not missed.
 */
export function noteHolder({ fd }: HeldLock, pid: number): void {
  try {
    ftruncateSync(fd);
    writeSync(fd, `${pid} ${startOf(pid)}`);
  } catch {
    // then others try
  }
}

/** Before the holder lets go: nobody relies on it from here on. */
export function forgetHolder({ fd }: HeldLock): void {
  ftruncateSync(fd);
}

/** True when the holder that was noted lives. False says nothing: try. */
export function isHeldByNoted(ground: Ground, name: string): boolean {
  try {
    const [pid, start = ""] = readFileSync(join(ground.paths.locks, name), "latin1").split(" ");
    return isAlive(Number(pid), start);
  } catch {
    return false; // no lock yet
  }
}

/**
 * True when no process holds a lock, as the kernel lists them in proc(5) /proc/locks: not tried, which takes calls in C: 2 ms of a command that
 * then has nothing to do. False says nothing: try. On a full disk a lock that is new lies elsewhere; this one's file is there before.
 */
export function isSeenFree(ground: Ground, name: string): boolean {
  try {
    const { ino } = statSync(join(ground.paths.locks, name));
    return !readFileSync("/proc/locks", "latin1").includes(`:${ino} `); // whatever the device: two numbers stand for some file systems
  } catch {
    return false;
  }
}

/** `lock` for a file of any directory: `paths.hostLock` is shared by all state directories. */
export async function lockFile(path: string, options: { shared?: boolean } = {}): Promise<Disposable> {
  const turn = options.shared ? undefined : await takeTurn(path);
  const operation = options.shared ? LOCK.SH : LOCK.EX;
  let fd = -1;
  try {
    fd = openLock(path);
    if (!tryFlock(fd, operation)) await flock(fd, operation);
  } catch (error) {
    if (fd >= 0) closeSync(fd);
    turn?.();
    throw error;
  }
  let held = true;
  return {
    [Symbol.dispose]() {
      if (held) closeSync(fd);
      held = false;
      turn?.();
    },
  };
}

/**
 * O_CLOEXEC is Node's default: a container must not inherit the lock. On a full disk a file on another file
 * system stands for it, so that the container that fills the disk can be stopped; every process on the full disk uses the same one.
 */
function openLock(path: string): number {
  try {
    return openSync(path, "a", 0o600); // what is noted in it stays
  } catch (error) {
    if (!["ENOSPC", "EDQUOT", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return openElsewhere(encodeURIComponent(path).slice(-255), error);
  }
}

function openElsewhere(name: string, error: unknown): number {
  for (const place of elsewhere) {
    try {
      mkdirSync(place, { mode: 0o700 });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") continue;
    }
    const stats = lstatSync(place);
    // Anybody may make names in /dev/shm.
    if (stats.isDirectory() && stats.uid === process.geteuid?.() && (stats.mode & 0o077) === 0)
      return openSync(join(place, name), "a", 0o600);
  }
  throw error;
}

/** Waits for the earlier waiters of this process; returns what lets the next one go. */
async function takeTurn(path: string): Promise<() => void> {
  const before = queues.get(path);
  const { promise, resolve } = Promise.withResolvers<void>();
  queues.set(path, promise);
  await before;
  return () => {
    if (queues.get(path) === promise) queues.delete(path);
    resolve();
  };
}
