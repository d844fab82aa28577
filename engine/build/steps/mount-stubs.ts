/**
 * A runtime makes the places it mounts on (/proc, /dev, /etc/hosts, …) where an image does not have them. They are no
 * work of the command: afterwards they go again, and their parents' times are put back, so that `RUN true` changes nothing.
 */
import { lstatSync, rmdirSync, type Stats, unlinkSync, utimesSync } from "node:fs";
import { resolveInRoot } from "./rootfs-path.ts";

export class MountStubs {
  /** Host paths that were not there, parents first. */
  readonly #missing = new Set<string>();
  /** Directories that something missing would be made in, as they were. */
  readonly #parents = new Map<string, Stats>();

  readonly #root: string;

  /** Looks before the runtime starts. @param destinations of the mounts, absolute inside `root` */
  constructor(root: string, destinations: readonly string[]) {
    this.#root = root;
    // What lies in another mount is made there, not in the root file system.
    const outer = destinations.filter((each) => !destinations.some((other) => each.startsWith(`${other}/`)));
    for (const destination of outer) {
      const target = resolveInRoot(root, destination);
      const parts = target.slice(root.length + 1).split("/");
      for (let depth = 1; depth <= parts.length; depth++) this.#note([root, ...parts.slice(0, depth)].join("/"));
    }
  }

  #note(path: string): void {
    if (this.#missing.has(path) || lstatSync(path, { throwIfNoEntry: false })) return;
    this.#missing.add(path);
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!this.#missing.has(parent) && !this.#parents.has(parent)) this.#parents.set(parent, lstatSync(parent));
  }

  /**
   * Removes what was not there before and is still empty: the command may have made it its own.
   * @returns directories, relative to the root, that are now as they were: the layer need not hold them
   */
  remove(): string[] {
    for (const path of [...this.#missing].reverse()) removeEmpty(path);
    return [...this.#parents].flatMap(([path, before]) => {
      const now = lstatSync(path, { throwIfNoEntry: false });
      if (!now) return [];
      utimesSync(path, before.atimeMs / 1000, before.mtimeMs / 1000);
      const same = now.mode === before.mode && now.uid === before.uid && now.gid === before.gid;
      return same && path !== this.#root ? [path.slice(this.#root.length + 1)] : [];
    });
  }
}

function removeEmpty(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  try {
    if (stats?.isDirectory()) rmdirSync(path);
    else if (stats?.isFile() && stats.size === 0) unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
  }
}
