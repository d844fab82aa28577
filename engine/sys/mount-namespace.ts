/** Stepping into a mount namespace of one's own for a moment, with this thread alone. */
import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { O_PATH } from "./files.ts";
import { CLONE, changeDirectory, chroot, MS, mount, setns, unshare } from "./libc.ts";

const current = "/proc/thread-self/ns/mnt";

/**
 * Runs `step` in a new mount namespace: a copy of the present one as `prepare` changes it. What is spawned there stays
 * there; the namespace ends with the last process, or descriptor, that holds it.
 * @param step synchronous, and starts no thread, which would share this one's directories and bar the way back; given the namespace's descriptor, which is closed afterwards
 */
export function inMountNamespace<T>(prepare: () => void, step: (namespace: number) => T): T {
  return away(() => {
    prepare();
    const namespace = openSync(current, "r");
    try {
      return step(namespace);
    } finally {
      closeSync(namespace);
    }
  });
}

/** A directory with what is mounted below it in a namespace that nobody else sees, and that ends with this. */
export interface MountView extends Disposable {
  /** Path of the directory, by its descriptor. */
  root: string;
}

/**
 * Opens a directory in a copy of a mount namespace, as `prepare` changes it: nothing that is mounted there shows
 * elsewhere, and no crash leaves it behind.
 * @param from the namespace's descriptor; default the present one
 * @param prepare synchronous; given what is mounted in the copy (proc(5), mountinfo); returns the directory's path
 */
export function openMountView(from: number | undefined, prepare: (mountinfo: () => string) => string): MountView {
  const proc = openSync("/proc", O_PATH | constants.O_DIRECTORY);
  const held = [proc];
  try {
    const [namespace, root] = away(() => {
      if (from !== undefined) {
        setns(from, CLONE.NEWNS);
        unshare(CLONE.NEWNS);
      }
      mount("", "/", "", MS.REC | MS.PRIVATE);
      // From here on "/proc" may be a container's, which does not know this thread: our own is reached by name from inside it.
      changeDirectory(proc);
      const path = prepare(() => readFileSync("thread-self/mountinfo", "utf8"));
      held.push(openSync("thread-self/ns/mnt", "r"));
      return [held.at(-1)!, openSync(path, O_PATH | constants.O_DIRECTORY)];
    });
    closeSync(proc);
    return { root: `/proc/self/fd/${root}`, [Symbol.dispose]: () => [root, namespace].forEach(closeSync) };
  } catch (error) {
    for (const fd of held) closeSync(fd);
    throw error;
  }
}

/** Does something in a new mount namespace, a copy of the present one. */
function away<T>(step: () => T): T {
  // Entering a namespace resets both directories to its root, which need not be what they were.
  const [home, root, directory] = [current, "/", "."].map((path) => openSync(path, "r")) as [number, number, number];
  try {
    unshare(CLONE.NEWNS);
    try {
      return step();
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
