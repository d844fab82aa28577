/** `list`: part of a directory, with what became of each entry. Only the entries asked for are looked at. */
import { closeSync, fstatSync, type Stats } from "node:fs";
import type { ChangedDirectory } from "../container/files/index.ts";
import { encodeName } from "../image/tar/index.ts";
import type { Ground } from "../state/ground.ts";
import { entryIn } from "../sys/tree.ts";
import { breathe, entryOf, type Name, namesIn, openInTree, targetIn } from "./entries.ts";
import type { FileEntry, Listing, TreeName } from "./index.ts";
import { type OpenTree, openTree } from "./open-tree.ts";

const defaultLimit = 1000;

/** See `Files.list`. */
export async function listDirectory(
  ground: Ground,
  name: TreeName,
  path: string,
  { from, limit = defaultLimit, having }: { from?: number; limit?: number; having?: string } = {},
): Promise<Listing> {
  await using tree = await openTree(ground, name);
  const { fd, path: real } = openInTree(tree, path);
  try {
    using changes = changesAt(tree, fd, real);
    const { names, isCut } = await namesIn(tree, fd);
    const removed = new Map(changes?.removed.map((each) => [each.name.toString("latin1"), each]));
    const all = sorted([...names, ...[...removed.values()].map(({ name: bytes, stats }) => ({ bytes, isDirectory: stats.isDirectory() }))]);
    const first = from ?? partOf(all, having, limit);
    const entries: FileEntry[] = [];
    for (const { bytes } of all.slice(first, first + limit)) {
      await breathe(entries.length + 1);
      const gone = removed.get(bytes.toString("latin1"));
      const entry = gone ? { ...entryOf(bytes, gone.stats), Change: "removed" as const } : look(fd, bytes, changes);
      if (entry) entries.push(entry);
    }
    return { Path: real, From: first, Entries: entries, Total: all.length, IsCut: isCut };
  } finally {
    closeSync(fd);
  }
}

function partOf(all: readonly Name[], name: string | undefined, limit: number): number {
  if (name === undefined) return 0;
  const bytes = encodeName(name);
  return (
    Math.floor(
      Math.max(
        0,
        all.findIndex((each) => each.bytes.equals(bytes)),
      ) / limit,
    ) * limit
  );
}

/** What is mounted in a container is not compared with its image. */
function changesAt(tree: OpenTree, directory: number, path: string): ChangedDirectory | undefined {
  const root = openInTree(tree, "/").fd;
  try {
    return tree.isLayer || fstatSync(root).dev === fstatSync(directory).dev ? tree.changes(path) : undefined;
  } finally {
    closeSync(root);
  }
}

/** Undefined for what has gone since its name was read. */
function look(directory: number, name: Buffer, changes: ChangedDirectory | undefined): FileEntry | undefined {
  const found = entryIn(directory, name);
  if (!found) return undefined;
  const { stats } = found;
  const change = isMounted(directory, stats) ? undefined : changes?.changeOf(name);
  return { ...entryOf(name, stats, stats.isSymbolicLink() ? targetIn(directory, name) : undefined), ...(change && { Change: change }) };
}

function isMounted(directory: number, stats: Stats): boolean {
  return stats.isDirectory() && stats.dev !== fstatSync(directory).dev;
}

/** Directories first, then by the bytes of the name. */
function sorted(names: Name[]): Name[] {
  return names.sort((a, b) => Number(b.isDirectory) - Number(a.isDirectory) || Buffer.compare(a.bytes, b.bytes));
}
