/**
 * Directories that a layer's tar implies but does not describe ("etc/app.conf" without "etc/") keep the attributes they
 * have in the layers below. In an overlay the upper directory's attributes win, so they are copied into it once the
 * layers below are known.
 */
import { chmodSync, constants, fstatSync, lchownSync, type Stats } from "node:fs";
import { closeDescriptor, hasXattr, O_PATH, openBeneath, setTimes } from "../../sys/files.ts";
import { fsPath } from "../tar/index.ts";
import { splitPath } from "./tree.ts";
import { opaqueAttribute } from "./whiteout.ts";

/**
 * Gives directories of the tree this thread is confined to the attributes that they have below.
 * @param implicit paths relative to the root; "" is the root itself
 * @param lowers open directories of the layers below, topmost first
 */
export function inheritAttributes(implicit: string[], lowers: number[]): void {
  const below = lowers.map((lower) => new LayerBelow(lower));
  for (const path of implicit) {
    const found = findBelow(path, below);
    if (!found) continue;
    const full = fsPath(`/${path}`);
    lchownSync(full, found.uid, found.gid);
    chmodSync(full, found.mode & 0o7777);
    setTimes(full, Math.floor(found.mtimeMs / 1000), 0);
  }
}

/** The topmost directory at a path, as the union of the layers shows it. */
function findBelow(path: string, layers: readonly LayerBelow[]): Stats | undefined {
  for (const layer of layers) {
    const { stats, hides } = layer.find(path);
    if (stats || hides) return stats;
  }
  return undefined;
}

interface Found {
  /** Of the directory; absent when there is none in this layer. */
  stats?: Stats;
  /** A file, a whiteout or an opaque directory on the way: what lower layers have here is not seen. */
  hides: boolean;
}

/** What a layer has at a path. Every directory is looked at once: an archive can imply thousands, each inside the one before. */
class LayerBelow {
  #root: number;
  #found: Map<string, Found>;

  constructor(root: number) {
    this.#root = root;
    this.#found = new Map([["", { stats: fstatSync(root), hides: false }]]);
  }

  find(path: string): Found {
    let found = this.#found.get(path);
    if (!found) {
      found = this.#below(path);
      this.#found.set(path, found);
    }
    return found;
  }

  #below(path: string): Found {
    const above = this.find(splitPath(path).directory);
    return above.stats ? this.#look(path, above.hides) : above;
  }

  #look(path: string, hides: boolean): Found {
    const fd = openBeneath(this.#root, fsPath(path), O_PATH | constants.O_NOFOLLOW);
    if (fd === undefined) return { hides };
    try {
      const stats = fstatSync(fd);
      return stats.isDirectory() ? { stats, hides: hides || isOpaque(this.#root, path) } : { hides: true };
    } finally {
      closeDescriptor(fd);
    }
  }
}

function isOpaque(lower: number, path: string): boolean {
  const fd = openBeneath(lower, fsPath(path), constants.O_RDONLY | constants.O_DIRECTORY);
  if (fd === undefined) return false;
  try {
    return hasXattr(fd, opaqueAttribute);
  } finally {
    closeDescriptor(fd);
  }
}
