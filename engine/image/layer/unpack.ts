/**
 * Unpacks a tar into the tree that this thread is confined to: entries become files with their attributes. In overlay
 * form (a layer) whiteouts are converted and the record that rebuilds the tar is written on the way. Runs in the layer
 * worker only: everything is synchronous.
 */

import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  type Stats,
  statfsSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { posix } from "node:path";
import { EngineError, toEngineError } from "../../errors.ts";
import { makeNode, setTimes, setTimesOf, writeXattr } from "../../sys/files.ts";
import { dataRuns } from "../../sys/holes.ts";
import { decodeName, fsPath, type TarHandler, type TarHeader } from "../tar/index.ts";
import { writeAttributes } from "./attributes.ts";
import { type SpillWriter, type SplitWriter, writeAll } from "./split.ts";
import { cleanName, Directories, joinPath, splitPath } from "./tree.ts";
import { isWhiteout, opaqueAttribute, opaqueValue, parseWhiteout } from "./whiteout.ts";

export interface UnpackOptions {
  /** Whiteouts become overlayfs's; off for archives that are not layers (cp, ADD). */
  overlay: boolean;
  split?: SplitWriter;
  spill?: SpillWriter;
  /** Where the archive's root goes inside the tree; "" is the tree's root. */
  prefix?: string;
  /** Owner of everything, instead of the archive's; "caller": the user of this process, and files that exist keep theirs. */
  owner?: { uid: number; gid: number } | "caller";
  /** A directory takes nothing else's place, and nothing else a directory's. */
  strict?: boolean;
}

const typeBits = { char: 0o020000, block: 0o060000, fifo: 0o010000 } as const;
/** Contents larger than this are compared with the free space before they are begun. */
const largeContent = 1 << 20;

export class Unpacker implements TarHandler {
  #options: UnpackOptions;
  #directories: Directories;
  /** Regular files of this archive that the record points to: real path → number and bytes of the content. */
  #contents = new Map<string, { content: number; size: number }>();
  #header: TarHeader | undefined;
  #path = "";
  #fd = -1;
  /** Where the file's next data goes. */
  #position = 0;
  /** Where its last data ended. */
  #written = 0;
  #discard = false;
  #size = 0;
  #newest = 0;

  constructor(options: UnpackOptions) {
    this.#options = options;
    this.#directories = new Directories(options);
  }

  /** Bytes of file content in the tree. */
  get size(): number {
    return this.#size;
  }

  /** The latest time of an entry, seconds. */
  get newest(): number {
    return this.#newest;
  }

  /** Directories that no entry described. */
  get implicit(): string[] {
    return [...this.#directories.implicit];
  }

  raw(bytes: Buffer): void {
    this.#options.split?.raw(bytes);
  }

  entry(header: TarHeader): void {
    this.#header = header;
    this.#discard = false;
    this.#newest = Math.max(this.#newest, header.mtime);
    this.#guard(() => this.#make(header));
  }

  data(chunk: Buffer): void {
    if (!this.#discard) this.#guard(() => this.#write(chunk));
    else if (!this.#header?.sparse) this.#options.split?.raw(chunk);
  }

  hole(length: number): void {
    this.#position += length;
  }

  end(): void {
    if (this.#fd >= 0) this.#guard(() => this.#endFile());
  }

  /** The archive is complete: directory times last. */
  finish(): void {
    this.#guard(() => this.#directories.finish());
  }

  #write(chunk: Buffer): void {
    for (const { offset, length } of dataRuns(chunk, this.#position)) {
      writeAll(this.#fd, chunk.subarray(offset, offset + length), this.#position + offset);
      this.#written = this.#position + offset + length;
    }
    this.#position += chunk.length;
  }

  /** Closes what an error left open. */
  abandon(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw nameError(error, this.#header?.name ?? "");
    }
  }

  #make(header: TarHeader): void {
    const { overlay, prefix = "", owner } = this.#options;
    const name = cleanName(header.name);
    if (owner === "caller") header.mode = callersMode(header);
    else if (owner) Object.assign(header, owner);
    const { directory, base } = splitPath(prefix === "" ? name : joinPath(prefix, name));
    const whiteout = overlay ? parseWhiteout(base) : undefined;
    if (whiteout) {
      this.#makeWhiteout(directory, whiteout);
      return;
    }
    const parent = base === "" ? "" : this.#directories.resolve(directory);
    this.#path = joinPath(parent, base);
    if (header.type === "directory") this.#makeDirectory(header, this.#path);
    else if (name === "")
      this.#discard = true; // the tree's root keeps its type
    else if (header.type === "file") this.#makeFile(header, this.#path);
    else this.#makeOther(header, this.#path);
  }

  #makeWhiteout(directory: string, whiteout: NonNullable<ReturnType<typeof parseWhiteout>>): void {
    this.#discard = true;
    if (whiteout.kind === "reserved") return;
    const parent = this.#directories.resolve(directory);
    if (whiteout.kind === "opaque") {
      writeXattr(fsPath(`/${parent}`), opaqueAttribute, opaqueValue);
      return;
    }
    const path = joinPath(parent, whiteout.name);
    const there = lstatSync(fsPath(`/${path}`), { throwIfNoEntry: false });
    // A whiteout speaks of the layers below only: what this layer brings itself stays (OCI image-spec, "Whiteouts").
    if (!there) makeNode(fsPath(`/${path}`), typeBits.char, 0, 0);
    else if (there.isDirectory()) writeXattr(fsPath(`/${path}`), opaqueAttribute, opaqueValue);
  }

  #makeDirectory(header: TarHeader, path: string): void {
    const full = fsPath(`/${path}`);
    if (path !== "") this.#makeOrMerge(full, path);
    if (this.#options.owner !== "caller") lchownSync(full, header.uid, header.gid);
    chmodSync(full, header.mode); // always: a set-gid parent hands its bit down
    writeAttributes(full, header.xattrs);
    this.#directories.described(path, header.mtime, header.mtimeNs);
  }

  /** A directory that is there already stays, and gets the entry's attributes. */
  #makeOrMerge(full: string | Buffer, path: string): void {
    try {
      return void mkdirSync(full, 0o755);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const there = lstatSync(full);
    if (there.isDirectory()) return;
    const hides = this.#options.overlay && isWhiteout(there);
    this.#displace(path, there);
    mkdirSync(full, 0o755);
    if (hides) writeXattr(full, opaqueAttribute, opaqueValue);
  }

  #makeFile(header: TarHeader, path: string): void {
    if (header.size > largeContent && !header.sparse) this.#checkSpace(header);
    const full = fsPath(`/${path}`);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    this.#replacing(path, () => {
      this.#fd = openSync(full, flags, header.mode & 0o777);
    });
    this.#size += header.size;
    this.#position = 0;
    this.#written = 0;
    // A sparse file's content is in the record as the archive has it.
    if (header.size > 0 && this.#options.split && !header.sparse) {
      this.#contents.set(path, { content: this.#options.split.file(path, header.size), size: header.size });
    }
  }

  #endFile(): void {
    const header = this.#header!;
    const fd = this.#fd;
    if (this.#written < header.size) ftruncateSync(fd, header.size); // a hole at its end
    if (this.#options.owner !== "caller") fchownSync(fd, header.uid, header.gid);
    // chown clears set-id bits, so they come after it.
    if (header.mode & 0o7000) fchmodSync(fd, header.mode);
    if (header.xattrs) writeAttributes(fsPath(`/${this.#path}`), header.xattrs);
    setTimesOf(fd, header.mtime, header.mtimeNs);
    this.#fd = -1;
    closeSync(fd);
  }

  #makeOther(header: TarHeader, path: string): void {
    const full = fsPath(`/${path}`);
    const { type, uid, gid, mode } = header;
    if (type === "hardlink") {
      this.#makeHardlink(header, path);
      return;
    }
    this.#replacing(path, () => {
      if (type === "symlink") symlinkSync(fsPath(symlinkTarget(header)), full);
      else makeNode(full, typeBits[type as "fifo"] | (mode & 0o777), header.major, header.minor);
    });
    if (this.#options.owner !== "caller") lchownSync(full, uid, gid);
    if (type !== "symlink" && mode & 0o7000) chmodSync(full, mode);
    writeAttributes(full, header.xattrs);
    setTimes(full, header.mtime, header.mtimeNs);
  }

  /** link(2) does not follow a symlink at the end of the path, and the ones before it stay inside the tree. */
  #makeHardlink(header: TarHeader, path: string): void {
    const { prefix = "" } = this.#options;
    const clean = cleanName(header.linkName, "hardlink to");
    const target = prefix === "" ? clean : joinPath(prefix, clean);
    const { directory, base } = splitPath(target);
    const real = joinPath(this.#directories.resolve(directory), base);
    if (real === path) return;
    if (!lstatSync(fsPath(`/${real}`), { throwIfNoEntry: false })) {
      throw new EngineError("archive", `invalid tar: "${header.name}" is a hardlink to "${header.linkName}", which is not in the archive`);
    }
    this.#replacing(path, () => linkSync(fsPath(`/${real}`), fsPath(`/${path}`)));
  }

  /** Makes something; when the name is taken, by an earlier entry of the archive or by what was there, that goes first. */
  #replacing(path: string, make: () => void): void {
    try {
      make();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      this.#displace(path, lstatSync(fsPath(`/${path}`)));
      make();
    }
  }

  #displace(path: string, stats: Stats): void {
    if (this.#options.strict) checkKinds(path, stats, this.#header!);
    const full = fsPath(`/${path}`);
    if (stats.isDirectory()) {
      refuseMountpoint(path, stats);
      for (const name of readdirSync(full, { encoding: "buffer" })) {
        const child = joinPath(path, decodeName(name));
        this.#displace(child, lstatSync(fsPath(`/${child}`)));
      }
      this.#directories.forget(path);
      rmdirSync(full);
      return;
    }
    this.#keepContent(path);
    if (stats.isSymbolicLink()) this.#directories.forget(path);
    unlinkSync(full);
  }

  /** The tar still holds the content that a later entry replaces on disk. */
  #keepContent(path: string): void {
    const kept = this.#contents.get(path);
    if (!kept) return;
    const fd = openSync(fsPath(`/${path}`), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      this.#options.spill?.keep(kept.content, fd, kept.size);
    } finally {
      closeSync(fd);
    }
    this.#contents.delete(path);
    this.#size -= kept.size;
  }

  /** A few bytes of archive can promise terabytes: refuse before writing, not when the disk is full. */
  #checkSpace(header: TarHeader): void {
    const { bavail, bsize } = statfsSync("/");
    if (header.size > bavail * bsize) {
      throw new EngineError(
        "no-space",
        `cannot unpack "${header.name}": its ${header.size} bytes do not fit into the ${bavail * bsize} bytes that are free`,
      );
    }
  }
}

/**
 * Files that get another owner than the archive's lose their set-id bits, and devices all but their owner's permissions:
 * those were meant for the first owner, and would give the rights of the second one away.
 */
function callersMode({ type, mode }: TarHeader): number {
  return type === "char" || type === "block" ? mode & 0o700 : mode & 0o1777;
}

/** What is mounted in a tree is not the tree's: a volume keeps its files, whatever an archive has in its place. */
function refuseMountpoint(path: string, { dev }: Stats): void {
  if (lstatSync(fsPath(posix.dirname(`/${path}`))).dev === dev) return;
  throw new EngineError("conflict", `cannot replace "/${path}": something is mounted there`);
}

function checkKinds(path: string, there: Stats, { name, type }: TarHeader): void {
  if (there.isDirectory() === (type === "directory")) return;
  const [what, by] = there.isDirectory() ? ["directory", "non-directory"] : ["non-directory", "directory"];
  throw new EngineError("conflict", `cannot overwrite ${what} "/${path}" with ${by} "${name.replace(/(.)\/+$/, "$1")}"`);
}

function symlinkTarget({ name, linkName }: TarHeader): string {
  if (!linkName.includes("\0")) return linkName;
  throw new EngineError("archive", `refused tar entry "${name}": it points to ${JSON.stringify(linkName)}, which holds a NUL byte`);
}

const archiveCodes = new Set(["ENAMETOOLONG", "ENOTDIR", "ELOOP", "EISDIR", "ENOENT", "EINVAL"]);

/** Errors that only the archive's names can cause are the archive's fault. */
function nameError(error: unknown, name: string): EngineError {
  const code = (error as NodeJS.ErrnoException)?.code ?? "";
  if (!(error instanceof EngineError) && archiveCodes.has(code)) {
    return new EngineError("archive", `cannot unpack "${name}": ${(error as Error).message}`, { cause: error });
  }
  return toEngineError(error, `cannot unpack "${name}"`);
}
