/** Directories of an open tree, read through descriptors: what is in them, without following or opening any of it. */
import { constants, type Dirent, fstatSync, type Stats } from "node:fs";
import { opendir } from "node:fs/promises";
import { isWhiteout, pathOf } from "../image/layer/index.ts";
import { decodeName, fsPath } from "../image/tar/index.ts";
import { closeDescriptor, O_PATH, openBeneath, readLinkOf } from "../sys/files.ts";
import { openInRoot } from "../sys/in-root.ts";
import { entryIn, type TreeEntry } from "../sys/tree.ts";
import type { FileEntry, FileType } from "./index.ts";
import type { OpenTree } from "./open-tree.ts";

/** Names that are read of one directory at most: beyond, no one looks for a name by eye, and memory is not a container's to fill. */
const mostNames = 500_000;
/** Names or files looked at between two breaths. */
const breath = 500;

/** Lets other work go on, and ends a walk that nobody waits for any more. @throws the signal's reason */
export async function breathe(count: number, signal?: AbortSignal): Promise<void> {
  if (count % breath !== 0) return;
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

/** Opens a directory of a tree, links on the way followed inside it. @throws EngineError `not-found`, `invalid` */
export function openInTree(tree: OpenTree, path: string): { fd: number; path: string } {
  try {
    const fd = openInRoot(tree.root, fsPath(path || "/"), constants.O_RDONLY | constants.O_DIRECTORY);
    return { fd, path: pathOf(tree.root, fd) };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw tree.notFound(path, cause);
    throw tree.refused(path, code === "ENOTDIR" ? "it is no directory" : message, cause);
  }
}

export interface Name {
  bytes: Buffer;
  isDirectory: boolean;
}

/** What is at a name in an open directory: a whiteout of a layer is nothing. */
export function lookIn({ isLayer }: OpenTree, directory: number, name: Buffer): Omit<TreeEntry, "name"> | undefined {
  const found = entryIn(directory, name);
  return isLayer && found && isWhiteout(found.stats) ? undefined : found;
}

/** The names in an open directory, as they come; of a layer without those of whiteouts. */
export async function namesIn(tree: OpenTree, directory: number): Promise<{ names: Name[]; isCut: boolean }> {
  const names: Name[] = [];
  const opened = await opendir(`/proc/self/fd/${directory}`, { encoding: "buffer" as BufferEncoding, bufferSize: 1024 });
  for await (const entry of opened as unknown as AsyncIterable<Dirent<Buffer>>) {
    if (names.length === mostNames) return { names, isCut: true };
    if (entry.isCharacterDevice() && !lookIn(tree, directory, entry.name)) continue;
    names.push({ bytes: entry.name, isDirectory: entry.isDirectory() });
  }
  return { names, isCut: false };
}

export function entryOf(name: Buffer, stats: Stats, target?: string): FileEntry {
  return {
    Name: decodeName(name),
    Type: typeOf(stats),
    Size: stats.size,
    Mode: stats.mode & 0o7777,
    Uid: stats.uid,
    Gid: stats.gid,
    Modified: Math.trunc(stats.mtimeMs),
    ...(target !== undefined && { Target: target }),
  };
}

/** What a link of an open directory holds. */
export function targetIn(directory: number, name: Buffer): string | undefined {
  const fd = openBeneath(directory, name, O_PATH | constants.O_NOFOLLOW);
  if (fd === undefined) return undefined;
  try {
    return fstatSync(fd).isSymbolicLink() ? decodeName(readLinkOf(fd)) : undefined;
  } finally {
    closeDescriptor(fd);
  }
}

export function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isFIFO()) return "fifo";
  if (stats.isSocket()) return "socket";
  return stats.isCharacterDevice() ? "character" : "block";
}
