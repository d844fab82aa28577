/**
 * Locks between processes: flock(2) on files under RUN/locks, which the kernel releases when the holder dies, however
 * it dies. One per container id serialises start, stop, remove; "network" serialises changes of bridges and rules.
 * Always taken in the order container, then network, so that two processes cannot deadlock.
 */
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { House } from "../house.ts";
import { flock, LOCK, tryFlock } from "../sys/libc.ts";

/**
 * Takes a lock, waiting for its holder. The file stays: unlinking it would let two processes hold "the" lock on
 * different inodes.
 * @param name a container id, or a fixed name; never user text
 */
export async function lock(house: House, name: string, options: { shared?: boolean } = {}): Promise<Disposable> {
  void house.db; // makes the run directory
  // O_CLOEXEC is Node's default: a container must not inherit the lock.
  const fd = openSync(join(house.paths.locks, name), "w", 0o600);
  const operation = options.shared ? LOCK.SH : LOCK.EX;
  try {
    if (!tryFlock(fd, operation)) await flock(fd, operation);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let held = true;
  return {
    [Symbol.dispose]() {
      if (held) closeSync(fd);
      held = false;
    },
  };
}
