/** Files of the host as a tar for a container, and the paths that are not there any more. */
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { Readable } from "node:stream";
import { encodeHeader, fsPath, padding, tarHeader, trailer } from "../../image/tar/index.ts";
import { type Carried, isIn, type WatchRule } from "./rules.ts";

export interface Cargo {
  /** There: to be put into the container. */
  there: Carried[];
  /** Paths in the container of what is gone from the host. */
  gone: string[];
}

/** Looks at what changed as it is now. */
export async function cargoOf(all: readonly Carried[]): Promise<Cargo> {
  const cargo: Cargo = { there: [], gone: [] };
  for (const each of all) {
    const isThere = await lstat(fsPath(each.host)).then(
      () => true,
      () => false,
    );
    if (isThere) cargo.there.push(each);
    else if (!cargo.gone.some((path) => isIn(path, each.container))) cargo.gone.push(each.container);
  }
  return cargo;
}

/** All that a rule would carry, as it is now. */
export async function* everythingOf(rule: WatchRule, path = rule.path): AsyncGenerator<string> {
  if (path !== rule.path && rule.isClosed(path)) return;
  const found = await lstat(fsPath(path)).catch(() => undefined);
  if (!found) return;
  if (path === rule.path ? !found.isDirectory() : !rule.ignores(path)) yield path;
  if (!found.isDirectory()) return;
  for (const name of (await readdir(fsPath(path))).sort()) yield* everythingOf(rule, join(path, name));
}

/** A tar from the container's root; what changes or goes meanwhile is left to the next batch. */
export function tarOf(all: readonly Carried[]): Readable {
  return Readable.from(entriesOf(all), { objectMode: false });
}

async function* entriesOf(all: readonly Carried[]): AsyncGenerator<Buffer> {
  for (const { host, container } of [...all].sort((a, b) => (a.container < b.container ? -1 : 1))) yield* entryOf(host, container);
  yield trailer;
}

async function* entryOf(host: string, container: string): AsyncGenerator<Buffer> {
  const path = fsPath(host);
  const name = posix.resolve("/", container).slice(1);
  try {
    const found = await lstat(path);
    const fields = { name, mode: found.mode & 0o7777, mtime: Math.floor(found.mtimeMs / 1000) };
    if (found.isDirectory()) yield encodeHeader(tarHeader({ ...fields, type: "directory" }));
    if (found.isSymbolicLink()) yield encodeHeader(tarHeader({ ...fields, type: "symlink", linkName: await readlink(path) }));
    if (!found.isFile()) return;
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = await file.stat();
    yield encodeHeader(tarHeader({ ...fields, type: "file", size }));
    yield* contentOf(file, size);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** As many bytes as the header says: a file that shrinks is filled up with zeros. */
async function* contentOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(Math.min(1 << 18, size - at)), position: at });
    const chunk = bytesRead > 0 ? buffer.subarray(0, bytesRead) : Buffer.alloc(Math.min(1 << 18, size - at));
    at += chunk.length;
    yield chunk;
  }
  yield padding(size);
}
