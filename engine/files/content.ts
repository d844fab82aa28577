/**
 * Contents of regular files, read in pieces and written anew in their place. Nothing else is ever opened: a device never ends, a FIFO
 * never begins.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, type Stats, writeSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { fsPath } from "../image/tar/index.ts";
import type { Ground } from "../state/ground.ts";
import { O_PATH } from "../sys/files.ts";
import { openInRoot } from "../sys/in-root.ts";
import { typeOf } from "./entries.ts";
import type { FilePiece, FileType, TreeName } from "./index.ts";
import { type OpenTree, openTree } from "./open-tree.ts";

/** Bytes of one piece at most. */
const mostRead = 1 << 20;

const called: Record<FileType, string> = {
  file: "a regular file",
  directory: "a directory",
  link: "a symbolic link",
  fifo: "a named pipe",
  socket: "a socket",
  character: "a character device",
  block: "a block device",
};

/** See `Files.read`. */
export async function readPiece(
  ground: Ground,
  name: TreeName,
  path: string,
  { offset = 0, length = mostRead }: { offset?: number; length?: number } = {},
): Promise<FilePiece> {
  await using tree = await openTree(ground, name);
  return withFile(tree, path, constants.O_RDONLY, (fd, stats) => {
    const data = Buffer.alloc(Math.max(0, Math.min(length, mostRead, stats.size - offset)));
    const read = data.length === 0 ? 0 : readSync(fd, data, 0, data.length, offset);
    return { Data: data.subarray(0, read), Size: stats.size, Version: versionOf(fd), Mode: stats.mode & 0o7777 };
  });
}

/** See `Files.write`. The file is written in its place: a rename would cost its hard links, its attributes, and what it is mounted on. */
export async function writeContent(
  ground: Ground,
  name: TreeName,
  path: string,
  content: Uint8Array,
  { version }: { version?: string } = {},
): Promise<void> {
  await using tree = await openTree(ground, name, { write: true });
  closeSync(openPlace(tree, path));
  tree.checkWritable(path);
  withFile(tree, path, constants.O_RDWR, (fd) => {
    if (version !== undefined && versionOf(fd) !== version)
      throw new EngineError("conflict", `cannot write "${path}": it has changed since it was read`, { hint: "read it again" });
    replaceContent(fd, content, path);
  });
}

/** Longer content makes room first, so that a full disk leaves the file as it was. */
function replaceContent(fd: number, content: Uint8Array, path: string): void {
  const before = fstatSync(fd).size;
  try {
    if (content.length > before) writeAll(fd, content.subarray(before), before);
  } catch (cause) {
    ftruncateSync(fd, before);
    const kind = (cause as NodeJS.ErrnoException).code === "ENOSPC" ? "no-space" : "system";
    throw new EngineError(kind, `cannot write "${path}": ${(cause as Error).message}`, { cause, hint: "it is as it was" });
  }
  writeAll(fd, content.subarray(0, before), 0);
  ftruncateSync(fd, content.length);
}

function writeAll(fd: number, content: Uint8Array, from: number): void {
  for (let done = 0; done < content.length; ) done += writeSync(fd, content, done, content.length - done, from + done);
}

/** Its inode, size and times to the nanosecond. */
function versionOf(fd: number): string {
  const { ino, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(":");
}

/** @throws EngineError `not-found`, `invalid` for what is no regular file */
function withFile<T>(tree: OpenTree, path: string, flags: number, use: (fd: number, stats: Stats) => T): T {
  const place = openPlace(tree, path);
  try {
    const stats = fstatSync(place);
    if (!stats.isFile()) throw tree.refused(path, `it is ${called[typeOf(stats)]}, not a regular file`);
    const fd = openSync(`/proc/self/fd/${place}`, flags);
    try {
      return use(fd, stats);
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(place);
  }
}

/** With O_PATH: nothing has been opened yet that could block, or do something by being opened. */
function openPlace(tree: OpenTree, path: string): number {
  try {
    return openInRoot(tree.root, fsPath(path), O_PATH);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw tree.notFound(path, cause);
    throw tree.refused(path, message, cause);
  }
}
