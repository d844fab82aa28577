/**
 * Walks of a whole tree: names looked for, directories weighed. By the descriptors of its directories, each opened in the one above it
 * and through no link; a container that changes the tree meanwhile changes what is found, never where.
 */
import { closeSync } from "node:fs";
import { decodeName } from "../image/tar/index.ts";
import type { Ground } from "../state/ground.ts";
import { entryIn, openDirectory } from "../sys/tree.ts";
import { breathe, type Name, namesIn, openInTree } from "./entries.ts";
import type { Found, TreeName, TreeUsage } from "./index.ts";
import { type OpenTree, openTree } from "./open-tree.ts";

/** Directories in each other that are entered at most: each costs a descriptor. */
const deepest = 256;
/** Paths that are found at most. */
const defaultFound = 1000;

export interface Visited {
  /** Absolute. */
  path: string;
  /** Below what was asked for, 1 is in it. */
  depth: number;
  directory: number;
  name: Name;
}

/** Everything below a directory, directories before what is in them. What lies too deep is left out. */
export async function* walk(tree: OpenTree, path: string, signal?: AbortSignal): AsyncGenerator<Visited> {
  const { fd, path: real } = openInTree(tree, path);
  const open = [fd];
  let count = 0;
  try {
    const stack: { path: string; entries: Name[]; at: number }[] = [
      { path: real === "/" ? "" : real, entries: await read(tree, fd), at: 0 },
    ];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const name = top.entries[top.at++];
      if (!name) {
        stack.pop();
        closeSync(open.pop()!);
        continue;
      }
      await breathe(++count, signal);
      const directory = open.at(-1)!;
      const inside = `${top.path}/${decodeName(name.bytes)}`;
      yield { path: inside, depth: stack.length, directory, name };
      const entered = name.isDirectory && stack.length < deepest ? openDirectory(entryPath(directory, name)) : undefined;
      if (entered === undefined) continue;
      open.push(entered);
      stack.push({ path: inside, entries: await read(tree, entered), at: 0 });
    }
  } finally {
    for (const each of open) closeSync(each);
  }
}

const entryPath = (directory: number, { bytes }: Name) => Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), bytes]);

async function read(tree: OpenTree, directory: number): Promise<Name[]> {
  const { names } = await namesIn(tree, directory);
  return names.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
}

/** See `Files.find`. */
export async function findNames(
  ground: Ground,
  name: TreeName,
  path: string,
  text: string,
  { limit = defaultFound, signal }: { limit?: number; signal?: AbortSignal } = {},
): Promise<Found> {
  await using tree = await openTree(ground, name);
  const fold = text === text.toLowerCase();
  const paths: string[] = [];
  for await (const visited of walk(tree, path, signal)) {
    const looked = text.includes("/") ? visited.path : decodeName(visited.name.bytes);
    if (!(fold ? looked.toLowerCase() : looked).includes(text)) continue;
    if (paths.length === limit) return { Paths: paths, IsCut: true };
    paths.push(visited.path);
  }
  return { Paths: paths, IsCut: false };
}

/** See `Files.usage`. */
export async function weighTree(
  ground: Ground,
  name: TreeName,
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TreeUsage> {
  await using tree = await openTree(ground, name);
  const usage: TreeUsage = { Size: 0, Files: 0, Directories: {} };
  const seen = new Set<string>();
  let child: string | undefined;
  for await (const { depth, directory, name: each } of walk(tree, path, signal)) {
    if (depth === 1) child = each.isDirectory ? decodeName(each.bytes) : undefined;
    if (depth === 1 && child !== undefined) usage.Directories[child] = 0;
    if (each.isDirectory) continue;
    const stats = entryIn(directory, each.bytes)?.stats;
    const key = `${stats?.dev}:${stats?.ino}`;
    if (!stats?.isFile() || (stats.nlink > 1 && seen.has(key))) continue;
    seen.add(key);
    usage.Files++;
    usage.Size += stats.size;
    if (child !== undefined) usage.Directories[child]! += stats.size;
  }
  return usage;
}
