/**
 * Walking a tree that other processes may be changing: by the descriptors of its directories, each opened in the one above
 * it and through no link. Whatever is renamed, removed or turned into a link meanwhile, the walk never leaves the tree.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, type Stats } from "node:fs";
import { closeDescriptor, type FilePath, O_PATH, openBeneath } from "./files.ts";

export interface TreeEntry {
  /** The base name's bytes. */
  name: Buffer;
  /** Leads to the entry by its directory's descriptor, while that is open: for calls that do not follow a last link. */
  at: Buffer;
  stats: Stats;
}

/** A directory's descriptor; undefined when it is none (any more), or a link. */
export function openDirectory(path: FilePath): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}

/** What is in an open directory. */
export function* entriesIn(directory: number): Generator<TreeEntry> {
  for (const name of readdirSync(`/proc/self/fd/${directory}`, { encoding: "buffer" })) {
    const found = entryIn(directory, name);
    if (found) yield { name, ...found };
  }
}

/** The entry of a name in an open directory. */
export function entryIn(directory: number, name: Buffer): Omit<TreeEntry, "name"> | undefined {
  const at = Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name]);
  const stats = lstatSync(at, { throwIfNoEntry: false });
  return stats && { at, stats };
}

/** Attributes of a path below an open directory; undefined when there is none, or a link stands on the way to it. */
export function statBeneath(directory: number, path: FilePath): Stats | undefined {
  const fd = openBeneath(directory, path, O_PATH | constants.O_NOFOLLOW);
  if (fd === undefined) return undefined;
  try {
    return fstatSync(fd);
  } finally {
    closeDescriptor(fd);
  }
}

/** What `visit` makes of the entry of a path below an open directory; undefined when there is none, or a link stands on the way to it. */
export function visitBeneath<T>(directory: number, path: string, visit: (entry: TreeEntry) => T): T | undefined {
  const slash = path.lastIndexOf("/");
  const parent = openBeneath(directory, path.slice(0, Math.max(slash, 0)) || ".", O_PATH | constants.O_DIRECTORY);
  if (parent === undefined) return undefined;
  try {
    const name = Buffer.from(path.slice(slash + 1));
    const found = entryIn(parent, name);
    return found && visit({ name, ...found });
  } finally {
    closeDescriptor(parent);
  }
}

export interface WalkedEntry extends TreeEntry {
  /** Names of the directories that lead to it. */
  above: readonly Buffer[];
}

/**
 * Everything below a directory, parents first. What vanishes meanwhile is left out, as is what lies too deep to be opened.
 * @param onClosed told of a directory that cannot be opened
 */
export function* walkTree(directory: FilePath, onClosed?: (entry: WalkedEntry) => void): Generator<WalkedEntry> {
  const open: { fd: number; entries: Iterator<TreeEntry> }[] = [];
  const above: Buffer[] = [];
  const enter = (path: FilePath) => {
    const fd = openDirectory(path);
    if (fd !== undefined) open.push({ fd, entries: entriesIn(fd) });
    return fd !== undefined;
  };
  try {
    enter(directory);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const { value: entry } = top.entries.next();
      if (!entry) {
        closeSync(open.pop()!.fd);
        above.pop();
        continue;
      }
      const walked = { ...entry, above };
      yield walked;
      if (!entry.stats.isDirectory()) continue;
      if (enter(entry.at)) above.push(entry.name);
      else onClosed?.(walked);
    }
  } finally {
    for (const { fd } of open) closeSync(fd);
  }
}

/** Bytes of the files and links below a directory, each inode once; directories weigh nothing. */
export function treeSize(directory: FilePath): number {
  const seen = new Set<string>();
  let total = 0;
  for (const { stats } of walkTree(directory)) {
    if (stats.isDirectory()) continue;
    const key = `${stats.dev}:${stats.ino}`;
    if (stats.nlink > 1 && seen.has(key)) continue;
    seen.add(key);
    total += stats.size;
  }
  return total;
}
