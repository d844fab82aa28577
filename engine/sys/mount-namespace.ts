/** Stepping into a mount namespace of one's own for a moment, with this thread alone. */
import { closeSync, openSync } from "node:fs";
import { bind, CLONE, check, chroot, setns, unshare } from "./libc.ts";

const current = "/proc/thread-self/ns/mnt";

/**
 * Runs `step` in a new mount namespace: a copy of the present one as `prepare` changes it. What is spawned there stays
 * there; the namespace ends with the last process, or descriptor, that holds it.
 * @param step synchronous, and starts no thread, which would share this one's directories and bar the way back; given the namespace's descriptor, which is closed afterwards
 */
export function inMountNamespace<T>(prepare: () => void, step: (namespace: number) => T): T {
  // Entering a namespace resets both directories to its root, which need not be what they were.
  const [home, root, directory] = [current, "/", "."].map((path) => openSync(path, "r")) as [number, number, number];
  try {
    unshare(CLONE.NEWNS);
    try {
      prepare();
      const namespace = openSync(current, "r");
      try {
        return step(namespace);
      } finally {
        closeSync(namespace);
      }
    } finally {
      goBack(home, root, directory);
    }
  } finally {
    for (const fd of [home, root, directory]) closeSync(fd);
  }
}

function goBack(home: number, root: number, directory: number): void {
  try {
    setns(home, CLONE.NEWNS);
    changeDirectory(root);
    chroot(".");
    changeDirectory(directory);
  } catch {
    process.abort(); // this thread would see other mounts than the rest of the process
  }
}

function changeDirectory(fd: number): void {
  check(bind<(f: number) => number>("int fchdir(int fd)")(fd), "fchdir");
}
