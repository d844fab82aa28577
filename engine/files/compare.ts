/** Two trees compared: both are walked at the same time, by descriptors; contents are read where nothing else tells them apart. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { decodeName } from "../image/tar/index.ts";
import type { Ground } from "../state/ground.ts";
import { openDirectory, type TreeEntry } from "../sys/tree.ts";
import { breathe, lookIn, namesIn, openInTree, targetIn, typeOf } from "./entries.ts";
import type { TreeComparison, TreeDifference, TreeName } from "./index.ts";
import { type OpenTree, openTree } from "./open-tree.ts";

const chunk = 1 << 20;
/** Directories in each other that are entered at most: each costs two descriptors. */
const deepest = 256;

/** See `Files.compare`. */
export async function compareTrees(
  ground: Ground,
  before: TreeName,
  after: TreeName,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TreeComparison> {
  await using first = await openTree(ground, before);
  await using second = await openTree(ground, after);
  const found: TreeComparison = { Differences: [], Added: 0, Removed: 0 };
  const walk = new PairWalk(first, second, signal);
  for await (const difference of walk.all()) {
    found.Differences.push(difference);
    found.Removed += difference.Before;
    found.Added += difference.After;
  }
  return found;
}

/** A directory that one of the trees, or both, have. */
type Pair = readonly [number | undefined, number | undefined];
type Entry = Omit<TreeEntry, "name"> | undefined;

class PairWalk {
  #trees: readonly [OpenTree, OpenTree];
  #signal: AbortSignal | undefined;
  #count = 0;

  constructor(first: OpenTree, second: OpenTree, signal: AbortSignal | undefined) {
    this.#trees = [first, second];
    this.#signal = signal;
  }

  async *all(): AsyncGenerator<TreeDifference> {
    const pair = this.#trees.map((tree) => openInTree(tree, "/").fd) as unknown as Pair;
    yield* this.#below(pair, "", 0);
  }

  /** Closes the pair. */
  async *#below(pair: Pair, path: string, depth: number): AsyncGenerator<TreeDifference> {
    try {
      for (const name of await this.#namesOf(pair)) {
        await breathe(++this.#count, this.#signal);
        const [a, b] = pair.map((fd, at) => (fd === undefined ? undefined : lookIn(this.#trees[at]!, fd, name))) as [Entry, Entry];
        const inside = `${path}/${decodeName(name)}`;
        const difference = await this.#differenceOf(pair, name, a, b);
        if (difference) yield { Path: inside, ...difference };
        const entered = [a, b].map((each) => (each?.stats.isDirectory() ? openDirectory(each.at) : undefined)) as unknown as Pair;
        if (depth < deepest) yield* this.#below(entered, inside, depth + 1);
        else closeBoth(entered);
      }
    } finally {
      closeBoth(pair);
    }
  }

  async #namesOf(pair: Pair): Promise<Buffer[]> {
    const names = new Map<string, Buffer>();
    for (const [at, fd] of pair.entries())
      if (fd !== undefined) for (const { bytes } of (await namesIn(this.#trees[at]!, fd)).names) names.set(bytes.toString("latin1"), bytes);
    return [...names.values()].sort(Buffer.compare);
  }

  async #differenceOf(pair: Pair, name: Buffer, a: Entry, b: Entry): Promise<Omit<TreeDifference, "Path"> | undefined> {
    const of = a ?? b;
    if (!of) return undefined;
    const size = (entry: Entry) => (entry?.stats.isFile() ? entry.stats.size : 0);
    const difference = { Type: typeOf((b ?? a)!.stats), Before: size(a), After: size(b) };
    if (!a) return { ...difference, Change: "added" };
    if (!b) return { ...difference, Change: "removed" };
    return (await this.#isSame(pair, name, a, b)) ? undefined : { ...difference, Change: "changed" };
  }

  async #isSame(pair: Pair, name: Buffer, a: NonNullable<Entry>, b: NonNullable<Entry>): Promise<boolean> {
    const [x, y] = [a.stats, b.stats];
    if (x.mode !== y.mode || x.uid !== y.uid || x.gid !== y.gid) return false;
    if (x.isSymbolicLink()) return targetIn(pair[0]!, name) === targetIn(pair[1]!, name);
    if (!x.isFile()) return x.rdev === y.rdev;
    return x.size === y.size && (isOneFile(x, y) || (await this.#haveOneContent(a.at, b.at)));
  }

  async #haveOneContent(a: Buffer, b: Buffer): Promise<boolean> {
    const files = [a, b].map((path) => openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
    try {
      // A container may have put something else there since.
      if (!files.every((fd) => fstatSync(fd).isFile())) return false;
      const buffers = files.map(() => Buffer.allocUnsafe(chunk)) as [Buffer, Buffer];
      for (;;) {
        await breathe(0, this.#signal);
        const [x, y] = files.map((fd, at) => buffers[at]!.subarray(0, readSync(fd, buffers[at]!))) as [Buffer, Buffer];
        if (!x.equals(y)) return false;
        if (x.length === 0) return true;
      }
    } finally {
      for (const fd of files) closeSync(fd);
    }
  }
}

/** Trees share layers: an inode that nobody has touched between is one file. */
function isOneFile(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

function closeBoth(pair: Pair): void {
  for (const fd of pair) if (fd !== undefined) closeSync(fd);
}
