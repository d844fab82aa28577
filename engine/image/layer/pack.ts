/**
 * Packs the tree that this thread is confined to as a canonical tar: names in order, attributes from the inodes, nothing
 * of the moment. In overlay form overlayfs's whiteouts become a layer's. Yields the archive piece by piece.
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { readXattrs, setTimes, splitTime } from "../../sys/files.ts";
import { dataSegments, maySparse, type Segment } from "../../sys/holes.ts";
import {
  decodeName,
  type EntryType,
  encodeHeader,
  encodeSparse,
  fsPath,
  padding,
  type TarHeader,
  tarHeader,
  trailer,
} from "../tar/index.ts";
import { readAttributes } from "./attributes.ts";
import { joinPath } from "./tree.ts";
import { isWhiteout, opaqueAttribute, opaqueMarker, whiteoutPrefix } from "./whiteout.ts";

export interface PackOptions {
  /** Absolute path of the tree's root where the thread is not confined to it: only for trees that nobody else writes. */
  base?: string;
  /** Convert whiteouts, leave out what a mount added. */
  overlay: boolean;
  /** What to pack, relative to the tree's root; "" is all of it. */
  path?: string;
  /** Name of `path` inside the archive; "" makes its children the top. Default: its path. */
  name?: string;
  /** Put an entry for the root directory itself first. */
  root?: boolean;
  /** Seconds: no later time than this, neither in the archive nor on disk. */
  epoch?: number;
  /** Keep nanoseconds (PAX), which a layer does not, as docker's. */
  nanoseconds?: boolean;
  /** Paths to leave out, with what is below, relative to the tree's root. */
  skip?: string[];
  /** Files with large holes in GNU tar's form for them: not for a layer, whose bytes must not depend on a file system. */
  sparse?: boolean;
  /** The tree may change meanwhile: a file that shrinks is filled up with zeros instead of failing. */
  live?: boolean;
}

/** A piece of the archive; content says of which file. Content is good until the next piece is asked for: its buffer is used again. */
export type Piece = { raw: Buffer } | { content: Buffer } | { file: string; size: number };

const chunkSize = 1 << 20;
/** Bytes of holes from which on they are not written out: not every tar reads the other form. */
const largeHoles = 1 << 20;

export class Packer {
  #options: PackOptions;
  /** First name of an inode that has several: the others become hardlinks. */
  #links = new Map<string, string>();
  #size = 0;
  #buffer = Buffer.allocUnsafeSlow(chunkSize);

  constructor(options: PackOptions) {
    this.#options = options;
  }

  /** Bytes of file content packed so far. */
  get size(): number {
    return this.#size;
  }

  #full(path: string): string | Buffer {
    return fsPath(`${this.#options.base ?? ""}/${path}`);
  }

  *pack(): Generator<Piece> {
    const { path = "", name = path, root = false } = this.#options;
    const stats = lstatSync(this.#full(path), { bigint: true });
    if (!stats.isDirectory() || root || name !== "") yield* this.#entry(path, name || ".", stats);
    if (stats.isDirectory()) yield* this.#children(path, name);
    yield { raw: trailer };
  }

  *#children(directory: string, name: string): Generator<Piece> {
    const names = readdirSync(this.#full(directory), { encoding: "buffer" }).sort(Buffer.compare);
    for (const bytes of names) {
      const base = decodeName(bytes);
      const path = joinPath(directory, base);
      const stats = lstatSync(this.#full(path), { bigint: true, throwIfNoEntry: false });
      if (!stats || stats.isSocket() || this.#options.skip?.includes(path)) continue; // gone since, or nothing that an archive can hold
      const inside = joinPath(name, base);
      if (this.#options.overlay && isWhiteout(stats)) yield* this.#whiteout(joinPath(name, whiteoutPrefix + base));
      else {
        yield* this.#entry(path, inside, stats);
        if (stats.isDirectory()) yield* this.#children(path, inside);
      }
    }
  }

  *#whiteout(name: string): Generator<Piece> {
    yield { raw: encodeHeader(tarHeader({ name, mode: 0, mtime: this.#options.epoch ?? 0 })) };
  }

  *#entry(path: string, name: string, stats: BigIntStats): Generator<Piece> {
    const full = this.#full(path);
    const header = this.#header(full, name, stats);
    if (header.type === "file" && stats.nlink > 1n && this.#seen(header, stats)) {
      yield { raw: encodeHeader({ ...header, type: "hardlink", size: 0, xattrs: undefined }) };
      return;
    }
    if (header.type === "file" && header.size > 0) yield* this.#file(path, header, stats);
    else yield { raw: encodeHeader(header) };
    const opaque = this.#options.overlay && header.type === "directory" && isOpaque(full);
    if (opaque) yield* this.#whiteout(joinPath(name, opaqueMarker));
  }

  /** True when an earlier entry has the same inode; `linkName` then names it. */
  #seen(header: TarHeader, stats: BigIntStats): boolean {
    const key = `${stats.dev}:${stats.ino}`;
    const first = this.#links.get(key);
    if (first === undefined) this.#links.set(key, header.name);
    else header.linkName = first;
    return first !== undefined;
  }

  #header(full: string | Buffer, name: string, stats: BigIntStats): TarHeader {
    const type = typeOf(stats);
    const { seconds, nanoseconds } = this.#time(full, stats);
    const device = type === "char" || type === "block" ? splitDevice(Number(stats.rdev)) : { major: 0, minor: 0 };
    return {
      type,
      name,
      linkName: type === "symlink" ? decodeName(readlinkSync(full, { encoding: "buffer" })) : "",
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      uname: "",
      gname: "",
      size: type === "file" ? Number(stats.size) : 0,
      mtime: seconds,
      mtimeNs: nanoseconds,
      ...device,
      xattrs: readAttributes(full),
    };
  }

  #time(full: string | Buffer, stats: BigIntStats): { seconds: number; nanoseconds: number } {
    const { epoch, nanoseconds } = this.#options;
    const time = splitTime(stats.mtimeNs);
    if (epoch !== undefined && time.seconds >= epoch) {
      setTimes(full, epoch, 0);
      return { seconds: epoch, nanoseconds: 0 };
    }
    return nanoseconds ? time : { ...time, nanoseconds: 0 };
  }

  *#file(path: string, header: TarHeader, stats: BigIntStats): Generator<Piece> {
    this.#size += header.size;
    const fd = openSync(this.#full(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      // A live tree's owner may have put a device or a pipe there since: nothing is read from those.
      const source = fstatSync(fd).isFile() ? fd : undefined;
      const segments = this.#options.sparse && source !== undefined && maySparse(stats) ? dataSegments(source, header.size) : undefined;
      if (segments && header.size - totalOf(segments) >= largeHoles) yield* this.#sparseFile(source, header, segments);
      else {
        yield { raw: encodeHeader(header) };
        yield { file: path, size: header.size };
        yield* this.#content(source, header, { offset: 0, length: header.size });
        yield { raw: padding(header.size) };
      }
    } finally {
      closeSync(fd);
    }
  }

  *#sparseFile(source: number | undefined, header: TarHeader, segments: readonly Segment[]): Generator<Piece> {
    yield { raw: encodeSparse(header, segments) };
    for (const segment of segments) yield* this.#content(source, header, segment);
    yield { raw: padding(totalOf(segments)) };
  }

  /** @param source undefined reads as zeros, as what a live file has lost does */
  *#content(source: number | undefined, header: TarHeader, { offset, length }: Segment): Generator<Piece> {
    for (let done = 0; done < length; ) {
      const wanted = Math.min(chunkSize, length - done);
      const chunk = this.#buffer.subarray(0, wanted);
      const read = source === undefined ? 0 : readSync(source, chunk, 0, wanted, offset + done);
      if (read === 0 && !this.#options.live) throw new EngineError("system", `cannot pack "${header.name}": the file shrank meanwhile`);
      yield { content: read === 0 ? chunk.fill(0) : chunk.subarray(0, read) };
      done += read || wanted;
    }
  }
}

function totalOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}

function typeOf(stats: BigIntStats): EntryType {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isCharacterDevice()) return "char";
  return stats.isBlockDevice() ? "block" : "fifo";
}

/** The kernel's 32-bit encoding of a device number in stat(2), <linux/kdev_t.h> */
function splitDevice(device: number): { major: number; minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}

function isOpaque(full: string | Buffer): boolean {
  return (
    readXattrs(full, (name) => name === opaqueAttribute)
      ?.get(opaqueAttribute)
      ?.toString() === "y"
  );
}
