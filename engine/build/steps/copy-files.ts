/**
 * COPY and ADD of local files: puts selected sources into a step's root file system. Times (to the nanosecond), modes and
 * extended attributes are the sources', hard links among them stay hard links, holes stay holes, and a context that
 * changes under the build is an error, never a wrong cache.
 */
import { chmodSync, lchownSync, linkSync, lstatSync, mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { applyFileMode } from "../../dockerfile/mode.ts";
import { EngineError } from "../../errors.ts";
import { readAttributes, writeAttributes } from "../../image/layer/index.ts";
import { fsPath } from "../../image/tar/index.ts";
import { type FilePath, makeNode, setTimes, splitTime } from "../../sys/files.ts";
import { type Entry, entriesOf, type SelectedEntry, type Source } from "../context/index.ts";
import { ensureDirectory, type Owner, resolveInRoot } from "../workspace/index.ts";
import { copyContent } from "./copy-content.ts";

export interface CopyOptions {
  /** Absolute inside the root; a closing slash asks for a directory. */
  destination: string;
  /** `--chown`; without it the sources' owners stay. */
  owner?: Owner;
  /** `--chmod`, octal or symbolic. */
  mode?: string;
  /** Handles a source itself (ADD of an archive); true when it did. */
  unpack?: (source: Source, directory: string) => Promise<boolean>;
  /** Called with a source that is left out, and the reason. */
  note?: (text: string) => void;
  signal?: AbortSignal;
}

/** How long copying may hold the event loop, in ms. */
const turn = 40;

/** Copies the sources in order. @param root the step's file system */
export async function copySources(root: string, sources: readonly Source[], options: CopyOptions): Promise<void> {
  const { destination, owner } = options;
  const parent = destination.endsWith("/") ? destination : dirname(destination);
  ensureDirectory(root, parent, owner);
  for (const source of sources) {
    if (source.entry.type === "file" && (await options.unpack?.(source, destination))) continue;
    const target = targetOf(root, source, options);
    ensureDirectory(root, dirname(target).slice(root.length), owner); // a link may have led to where nothing is yet
    await new TreeCopy(source, target, options).run();
  }
}

/** A directory's contents go into the destination; anything else goes under its name when that is a directory. */
function targetOf(root: string, source: Source, { destination, owner }: CopyOptions): string {
  if (source.under !== undefined) return parentsOf(root, source, source.under, destination, owner);
  const target = resolveInRoot(root, destination);
  if (source.entry.type === "directory") return target;
  if (!lstatSync(fsPath(target), { throwIfNoEntry: false })?.isDirectory()) return target;
  return `${ensureDirectory(root, destination, owner)}/${source.name}`;
}

/** `--parents`: makes the directories that lead to the source, with the attributes they have there. */
function parentsOf(root: string, { tree, entry }: Source, under: string, destination: string, owner: Owner | undefined): string {
  ensureDirectory(root, destination, owner);
  const parts = under.split("/").filter(Boolean);
  const dropped = entry.path.split("/").length - parts.length;
  for (let depth = 1; depth < parts.length; depth++) {
    const path = `${destination}/${parts.slice(0, depth).join("/")}`;
    if (lstatSync(fsPath(resolveInRoot(root, path)), { throwIfNoEntry: false })) continue;
    const made = fsPath(ensureDirectory(root, path, owner));
    const model = tree.lstat(
      entry.path
        .split("/")
        .slice(0, dropped + depth)
        .join("/"),
    );
    if (!model) continue; // a link led here: its directories are elsewhere
    if (!owner && (model.uid || model.gid)) lchownSync(made, model.uid, model.gid);
    chmodSync(made, model.mode);
  }
  return resolveInRoot(root, `${destination}/${under}`);
}

/** One source on its way. */
class TreeCopy {
  readonly #source: Source;
  readonly #target: string;
  readonly #options: CopyOptions;
  /** Of what was copied and has other names: device and inode → where. */
  #links = new Map<string, FilePath>();
  /** Directories whose times are set when nothing more is written into them. */
  #times: [path: FilePath, entry: Entry][] = [];

  constructor(source: Source, target: string, options: CopyOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
  }

  async run(): Promise<void> {
    let since = Date.now();
    for (const selected of entriesOf(this.#source, ({ path }) => this.#options.note?.(`"/${path}" is a socket: left out`))) {
      this.#put(selected);
      if (Date.now() - since < turn) continue;
      await new Promise((resolve) => setImmediate(resolve));
      this.#options.signal?.throwIfAborted();
      since = Date.now();
    }
    for (const [path, entry] of this.#times.reverse()) this.#date(path, entry);
  }

  #put({ path, entry }: SelectedEntry): void {
    const target = fsPath(path === "" ? this.#target : `${this.#target}/${path}`);
    if (entry.type === "directory") this.#putDirectory(target, entry, path === "" && this.#source.under === undefined);
    else this.#putFile(target, entry);
  }

  #putFile(target: FilePath, entry: Entry): void {
    const first = entry.stats.nlink > 1 ? this.#links.get(`${entry.stats.dev}:${entry.stats.ino}`) : undefined;
    clearly(entry, target, () => this.#make(target, entry, first));
    if (first !== undefined) return;
    if (entry.stats.nlink > 1) this.#links.set(`${entry.stats.dev}:${entry.stats.ino}`, target);
    this.#own(target, entry);
    this.#describe(target, entry);
    this.#date(target, entry);
  }

  /**
   * A directory below takes the source's attributes. The destination itself keeps what it has; made anew it is 0755 and
   * root's, whatever the source is, but for --chown and --chmod: only a directory's contents are copied (Dockerfile
   * reference, "COPY").
   */
  #putDirectory(target: FilePath, entry: Entry, top: boolean): void {
    const existing = lstatSync(target, { throwIfNoEntry: false });
    if (existing && !existing.isDirectory())
      throw new EngineError("dockerfile", `cannot copy directory "/${entry.path}" over "${target}": it is not a directory`);
    if (!existing) mkdirSync(target, 0o755);
    if (existing && top) return;
    this.#own(target, top ? { ...entry, mode: 0o755, uid: 0, gid: 0 } : entry);
    if (top) return;
    this.#describe(target, entry);
    this.#times.push([target, entry]);
  }

  #make(target: FilePath, entry: Entry, first: FilePath | undefined): void {
    if (first !== undefined) linkSync(first, target);
    else if (entry.type === "symlink") symlinkSync(fsPath(entry.link ?? ""), target);
    else if (entry.type === "fifo") makeNode(target, 0o010000 | entry.mode);
    else if (entry.device) {
      const { rdev, block } = entry.device;
      // glibc's dev_t: major in bits 8-19 and up, minor in the rest (gnu_dev_major(3))
      makeNode(target, (block ? 0o060000 : 0o020000) | entry.mode, (rdev >> 8) & 0xfff, (rdev & 0xff) | ((rdev >> 12) & 0xfff00));
    } else copyContent(this.#source.tree.absolute(entry.path), target, entry.stats, entry.path);
  }

  /** Only after the owner: chown(2) takes capabilities away. */
  #describe(target: FilePath, { path, type }: Entry): void {
    if (type === "file" || type === "directory") writeAttributes(target, readAttributes(this.#source.tree.absolute(path)));
  }

  /** Asked for again: the scan has no nanoseconds. */
  #date(target: FilePath, { path, mtime }: Entry): void {
    const found = lstatSync(this.#source.tree.absolute(path), { bigint: true, throwIfNoEntry: false });
    const { seconds, nanoseconds } = splitTime(found?.mtimeNs ?? BigInt(Math.trunc(mtime)) * 1_000_000n);
    setTimes(target, seconds, nanoseconds);
  }

  /** Owner first: chown clears the set-id bits that chmod sets. */
  #own(target: FilePath, entry: Entry): void {
    const { uid, gid } = this.#options.owner ?? entry;
    // copyFile gives the new file the source's owner, whoever that is on the host.
    const { uid: hostUid, gid: hostGid } = entry.stats;
    const chown = Boolean(uid || gid || hostUid || hostGid);
    if (chown) lchownSync(target, uid, gid);
    if (entry.type === "symlink") return;
    const change = this.#options.mode;
    const mode = change === undefined ? entry.mode : applyFileMode(change, entry.mode, entry.type === "directory");
    // copyFile makes a regular file with the source's permission bits already.
    if (entry.type !== "file" || mode !== entry.mode || chown || mode > 0o777) chmodSync(target, mode);
  }
}

/** Runs `make`; what is in the way is removed first, unless it is a directory. */
function clearly(entry: Entry, target: FilePath, make: () => void): void {
  try {
    make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (lstatSync(target).isDirectory()) throw new EngineError("dockerfile", `cannot replace directory "${target}" with "/${entry.path}"`);
    unlinkSync(target);
    make();
  }
}
