/**
 * Shuts a worker thread into a directory. Threads share their root directory and umask only as long as they want to
 * (unshare CLONE_FS): after this call nothing this thread opens by path lies outside, whatever symlinks say. Only
 * synchronous file calls are confined: asynchronous ones run on threads of the pool.
 */

import { stat } from "node:fs";
import { setUmask } from "../../sys/files.ts";
import { CLONE, chroot, unshare } from "../../sys/libc.ts";
import { fsPath } from "../tar/index.ts";

/** Irreversible for the thread. Modes become exactly what is asked for (umask 0). */
export function confine(directory: string): void {
  // The pool's threads, which serve the whole process, share the root of the thread that first needs them: should that be
  // this one (decompressing), they must have been made before it is confined.
  stat("/", () => {});
  unshare(CLONE.FS);
  chroot(fsPath(directory));
  setUmask(0);
}
