/**
 * A runtime makes the places it mounts on (/proc, /dev, /etc/hosts, …) where an image does not have them. They are no
 * work of the command: afterwards they go again, and their parents' times are put back, so that `RUN true` changes nothing.
 * The command may have put links in their way by then, which are not followed.
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { openBeneath, setTimesOf, splitTime } from "../../sys/files.ts";
import { openDirectory, type TreeEntry, visitBeneath } from "../../sys/tree.ts";
import { resolveInRoot } from "../workspace/index.ts";

export class MountStubs {
  /** Paths relative to the root that were not there, parents first. */
  readonly #missing = new Set<string>();
  /** Directories that something missing would be made in, as they were. */
  readonly #parents = new Map<string, BigIntStats>();

  readonly #root: string;

  /** Looks before the runtime starts. @param destinations of the mounts, absolute inside `root` */
  constructor(root: string, destinations: readonly string[]) {
    this.#root = root;
    // What lies in another mount is made there, not in the root file system.
    const outer = destinations.filter((each) => !destinations.some((other) => each.startsWith(`${other}/`)));
    for (const destination of outer) {
      const parts = resolveInRoot(root, destination)
        .slice(root.length + 1)
        .split("/");
      for (let depth = 1; depth <= parts.length; depth++) this.#note(parts.slice(0, depth).join("/"));
    }
  }

  #note(path: string): void {
    if (this.#missing.has(path) || lstatSync(join(this.#root, path), { throwIfNoEntry: false })) return;
    this.#missing.add(path);
    const parent = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
    if (this.#missing.has(parent) || this.#parents.has(parent)) return;
    this.#parents.set(parent, lstatSync(join(this.#root, parent), { bigint: true }));
  }

  /**
   * Removes what was not there before and is still empty: the command may have made it its own.
   * @returns directories, relative to the root, that are now as they were: the layer need not hold them
   */
  remove(): string[] {
    const root = openDirectory(this.#root);
    if (root === undefined) return [];
    try {
      for (const path of [...this.#missing].reverse()) visitBeneath(root, path, removeEmpty);
      return [...this.#parents].filter(([path, before]) => putBack(root, path, before) && path !== "").map(([path]) => path);
    } finally {
      closeSync(root);
    }
  }
}

/** Gives a directory its times back; true when the rest of it is as it was, too. */
function putBack(root: number, path: string, before: BigIntStats): boolean {
  const fd = openBeneath(root, path || ".", constants.O_RDONLY | constants.O_DIRECTORY);
  if (fd === undefined) return false;
  try {
    const now = fstatSync(fd, { bigint: true });
    const { seconds, nanoseconds } = splitTime(before.mtimeNs);
    setTimesOf(fd, seconds, nanoseconds);
    return now.mode === before.mode && now.uid === before.uid && now.gid === before.gid;
  } finally {
    closeSync(fd);
  }
}

function removeEmpty({ at, stats }: TreeEntry): void {
  try {
    if (stats.isDirectory()) rmdirSync(at);
    else if (stats.isFile() && stats.size === 0) unlinkSync(at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
  }
}
