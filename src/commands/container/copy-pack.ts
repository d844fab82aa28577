/** Packs a host path as a tar stream for `cp`. */
import { createReadStream } from "node:fs";
import { lstat, opendir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { encodeHeader, padding, tarHeader, trailer } from "../../../engine/image/tar/writer.ts";

export interface PackOptions {
  /** Name of the root entry; "." packs a directory's contents. */
  name: string;
  /** Keep user and group ids; else everything is root's. */
  archive: boolean;
  /** The source itself is followed when it is a symbolic link; links below never are. */
  followLink: boolean;
}

type Stats = Awaited<ReturnType<typeof lstat>>;

/** A stream of the archive; it fails with the system's error when a file cannot be read. */
export function packPath(path: string, options: PackOptions): Readable {
  return Readable.from(entries(path, options), { objectMode: false });
}

async function* entries(path: string, options: PackOptions): AsyncGenerator<Buffer> {
  /** "device:inode" → the name that the content was packed under. */
  const links = new Map<string, string>();
  const stats = await (options.followLink || options.name === "." ? stat(path) : lstat(path));
  yield* entry(path, options.name, stats, options, links);
  yield trailer;
}

async function* entry(path: string, name: string, stats: Stats, options: PackOptions, links: Map<string, string>): AsyncGenerator<Buffer> {
  const { gid, mode, mtimeMs, uid } = stats;
  const owner = options.archive ? { uid: Number(uid), gid: Number(gid) } : {};
  const common = { name, mode: Number(mode) & 0o7777, mtime: Math.floor(Number(mtimeMs) / 1000), ...owner };
  if (stats.isSymbolicLink()) yield encodeHeader(tarHeader({ ...common, type: "symlink", linkName: await readlink(path) }));
  else if (stats.isDirectory()) {
    yield encodeHeader(tarHeader({ ...common, type: "directory" }));
    for await (const child of await opendir(path)) {
      const below = join(path, child.name);
      yield* entry(below, `${name}/${child.name}`, await lstat(below), options, links);
    }
  } else if (stats.isFile()) yield* file(path, common, stats, links);
  // Sockets, devices and pipes of the host have no meaning inside: left out, as docker does for sockets.
}

async function* file(path: string, common: { name: string }, stats: Stats, links: Map<string, string>): AsyncGenerator<Buffer> {
  const key = `${stats.dev}:${stats.ino}`;
  const first = Number(stats.nlink) > 1 ? links.get(key) : undefined;
  if (first !== undefined) return yield encodeHeader(tarHeader({ ...common, type: "hardlink", linkName: first }));
  if (Number(stats.nlink) > 1) links.set(key, common.name);
  const size = Number(stats.size);
  yield encodeHeader(tarHeader({ ...common, type: "file", size }));
  let left = size;
  // A file that grows while it is read is cut to what its header says; one that shrinks is filled with zeros.
  if (size > 0) {
    for await (const chunk of createReadStream(path, { end: size - 1 }) as AsyncIterable<Buffer>) {
      left -= chunk.length;
      yield chunk;
    }
  }
  for (; left > 0; left -= trailer.length) yield trailer.subarray(0, Math.min(left, trailer.length));
  yield padding(size);
}
