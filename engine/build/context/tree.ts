/**
 * A directory that COPY and ADD read from: the build context (ownership reset, .dockerignore applied) or the root file
 * system of a stage or image. Nothing is read before it is asked for, nothing twice. Symbolic links are never followed
 * here: resolve.ts does that, confined to the tree.
 */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { EngineError } from "../../errors.ts";
import { attributesText, readAttributes } from "../../image/layer/index.ts";
import { decodeName, fsPath, listNames } from "../../image/tar/index.ts";
import { type HashCache, hashFile } from "./hash-cache.ts";

export type EntryType = "file" | "directory" | "symlink" | "fifo" | "device" | "socket";

export interface Entry {
  /** From the tree's root, without a leading slash; "" is the root. */
  path: string;
  type: EntryType;
  /** Permission bits, with set-id and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes. */
  size: number;
  /** Milliseconds since the epoch, with fraction. */
  mtime: number;
  /** Target of a symlink, as it is written; bytes that are no UTF-8 as `decodeName` has them, as in the path. */
  link?: string;
  /** Device: the raw st_rdev and whether it is a block device. */
  device?: { rdev: number; block: boolean };
  stats: Stats;
}

export interface TreeOptions {
  /** .dockerignore: true for paths that are not there as far as the build can see. */
  ignored?: (path: string) => boolean;
  /** Some rule re-includes ("!"), so that an ignored directory may hold visible files. */
  exceptions?: boolean;
  /** Files of a build context belong to root whoever owns them on the host. */
  resetOwner?: boolean;
  /** Remembered content hashes of an earlier scan. */
  hashes?: HashCache;
}

const mayBeGone = { throwIfNoEntry: false } as const;

export class FileTree {
  readonly root: string;
  readonly #options: TreeOptions;
  #seen = 0;
  #children = new Map<string, Entry[]>();
  #entries = new Map<string, Entry | undefined>();

  constructor(root: string, options: TreeOptions = {}) {
    this.root = root;
    this.#options = options;
  }

  /** How many entries were read so far. */
  get seen(): number {
    return this.#seen;
  }

  /** Absolute path of an entry. Only for paths whose parents are known not to be symlinks. */
  absolute(path: string): string | Buffer {
    return fsPath(this.#text(path));
  }

  #text(path: string): string {
    return path === "" ? this.root : `${this.root}/${path}`;
  }

  /** The entry, or undefined when there is none or it is ignored. */
  lstat(path: string): Entry | undefined {
    if (this.#entries.has(path)) return this.#entries.get(path);
    const entry = this.#read(path);
    const visible = entry && this.#isVisible(entry) ? entry : undefined;
    this.#entries.set(path, visible);
    return visible;
  }

  /** Visible entries of a directory, sorted by name. */
  children(directory: string): Entry[] {
    let found = this.#children.get(directory);
    if (!found) this.#children.set(directory, (found = this.#list(directory)));
    return found;
  }

  /** The entry and all below it, parents before children, in a fixed order. */
  *walk(entry: Entry): Generator<Entry> {
    // One generator and a stack of its own: delegating to a generator per directory costs more than reading the files.
    const pending = [entry];
    for (let next = pending.pop(); next; next = pending.pop()) {
      yield next;
      if (next.type !== "directory") continue;
      const children = this.children(next.path);
      for (let at = children.length - 1; at >= 0; at--) pending.push(children[at] as Entry);
    }
  }

  /** Extended attributes of a directory as text; a file's are in its hash. */
  attributes(entry: Entry): string {
    return attributesText(this.#guard(entry.path, () => readAttributes(this.absolute(entry.path))));
  }

  /** What a regular file is besides its name, mode and owner: content and extended attributes. */
  hash(entry: Entry): string {
    const { hashes } = this.#options;
    return hashes ? hashes.hash(entry.path, this.absolute(entry.path), entry.stats) : hashFile(this.absolute(entry.path)).hash;
  }

  #list(directory: string): Entry[] {
    const names = this.#guard(directory, () => listNames(this.#text(directory))) ?? []; // gone: it is empty
    names.sort();
    const entries: Entry[] = [];
    const prefix = directory === "" ? "" : `${directory}/`;
    const filtered = this.#options.ignored !== undefined;
    for (const name of names) {
      const path = prefix + name;
      const entry = this.#read(path); // undefined: it went away while we looked
      if (entry && (!filtered || this.#isVisible(entry))) entries.push(entry);
    }
    return entries;
  }

  #isVisible(entry: Entry): boolean {
    const { ignored, exceptions } = this.#options;
    if (entry.path === "" || !ignored?.(entry.path)) return true;
    return Boolean(exceptions) && entry.type === "directory" && this.children(entry.path).length > 0;
  }

  #read(path: string): Entry | undefined {
    const absolute = this.absolute(path);
    let stats: Stats | undefined;
    try {
      stats = lstatSync(absolute, mayBeGone);
    } catch (error) {
      refuseUnlessGone(path, error);
    }
    if (!stats) return undefined;
    this.#seen++;
    const type = typeOf(stats);
    const kept = !this.#options.resetOwner;
    const entry: Entry = {
      path,
      type,
      mode: stats.mode & 0o7777,
      uid: kept ? stats.uid : 0,
      gid: kept ? stats.gid : 0,
      size: stats.size,
      mtime: stats.mtimeMs,
      stats,
    };
    if (type === "symlink") entry.link = this.#guard(path, () => decodeName(readlinkSync(absolute, { encoding: "buffer" }))) ?? "";
    if (type === "device") entry.device = { rdev: stats.rdev, block: stats.isBlockDevice() };
    return entry;
  }

  #guard<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      return refuseUnlessGone(path, error);
    }
  }
}

/** A file that vanishes between two system calls counts as never having been there. */
function refuseUnlessGone(path: string, error: unknown): undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOTDIR" || code === "ENOENT") return undefined;
  throw new EngineError(code === "EACCES" ? "permission" : "system", `cannot read "${path || "/"}" of the build context: ${message}`, {
    cause: error,
  });
}

function typeOf(stats: Stats): EntryType {
  switch (stats.mode & 0o170000) {
    case 0o100000:
      return "file";
    case 0o040000:
      return "directory";
    case 0o120000:
      return "symlink";
    case 0o010000:
      return "fifo";
    case 0o140000:
      return "socket";
    default:
      return "device";
  }
}
