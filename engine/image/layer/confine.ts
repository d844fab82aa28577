/**
 * Shuts a worker thread into a directory. Threads share their root directory and umask only as long as they want to
 * (unshare CLONE_FS): after this call nothing this thread opens by path lies outside, whatever symlinks say, until it leaves.
 * Only synchronous file calls are confined: asynchronous ones run on threads of the pool.
 */

import { constants, openSync, stat } from "node:fs";
import { O_PATH, setUmask } from "../../sys/files.ts";
import { CLONE, changeDirectory, chroot, unshare } from "../../sys/libc.ts";
import { fsPath } from "../tar/index.ts";

/** The way back; descriptors are the process's, so that it opens nothing to this thread that was not open. */
let outside: number | undefined;

/** Modes become exactly what is asked for (umask 0). */
export function confine(directory: string): void {
  if (outside === undefined) {
    // The pool's threads, which serve the whole process, share the root of the thread that first needs them: should that be
    // this one (decompressing), they must have been made before it is confined.
    stat("/", () => {});
    unshare(CLONE.FS);
    outside = openSync("/", O_PATH | constants.O_DIRECTORY);
  }
  chroot(fsPath(directory));
  setUmask(0);
}

/** Back to the root that the thread began with, for another directory's turn. */
export function leave(): void {
  changeDirectory(outside!);
  chroot(".");
}
