/**
 * Copying out of and into a tree that somebody else may be changing: its paths are resolved by the kernel inside the root, and
 * archives are packed and unpacked by a thread confined to it, so that neither links nor changes meanwhile lead outside.
 */
import { closeSync, constants, fstatSync, readlinkSync, type Stats } from "node:fs";
import { posix } from "node:path";
import type { Readable } from "node:stream";
import type { EngineError } from "../../errors.ts";
import { isReadOnly, O_PATH, readLinkOf } from "../../sys/files.ts";
import { openInRoot } from "../../sys/in-root.ts";
import { decodeName, fsPath } from "../tar/index.ts";
import { packTree, unpackTree } from "./tree-stream.ts";
import type { UnpackOptions } from "./unpack.ts";

/** Links in a row after which a path is a loop, as the kernel's limit. */
const maxLinks = 40;

/** A tree by its root, and what is said when something is not to be had in it. */
export interface RootedTree {
  root: string;
  notFound(path: string, cause?: unknown): EngineError;
  refused(path: string, why: string, cause?: unknown): EngineError;
}

/** What a path is, links on the way followed; what a link at its end leads to in `linkTarget`, "" when it is none. */
export function statInTree(tree: RootedTree, path: string): { stats: Stats; linkTarget: string } {
  const { stats, target } = existing(tree, path, () => look(tree.root, path));
  return { stats, linkTarget: target === undefined ? "" : inside(tree, path, () => follow(tree.root, path)).path };
}

/**
 * A path as a tar. Its first entry has the base name of `path`, "." for the root itself, unless `name` says another.
 * @param release called when the stream ends, however it ends; not when this throws
 */
export function copyOutOf(
  tree: RootedTree,
  path: string,
  options: { followLink?: boolean; name?: string },
  release: () => PromiseLike<void>,
): Readable {
  const found = existing(tree, path, () => (options.followLink ? follow : look)(tree.root, path));
  const { name = entryName(options.followLink ? found.path : path, path) } = options;
  const packed = { overlay: false, path: found.path.slice(1), name, root: name !== "", nanoseconds: true, sparse: true, live: true };
  return packTree(tree.root, packed, release);
}

/** docker's: "." for what is in a directory ("dir/."), and a link that is followed goes by the name of what it leads to. */
function entryName(real: string, asked: string): string {
  return (!/(^|\/)\.$/.test(asked) && posix.basename(posix.normalize(`/${real}`))) || ".";
}

/** A tar into a directory. @param check given the directory's path without links; throws where nothing is to be written */
export async function copyInto(
  tree: RootedTree,
  path: string,
  tar: Readable,
  { owner, strict, check }: Pick<UnpackOptions, "owner" | "strict"> & { check?(real: string): void },
): Promise<void> {
  const found = existing(tree, path, () => follow(tree.root, path));
  if (!found.stats.isDirectory()) throw tree.refused(path, "extraction point is not a directory");
  check?.(found.path);
  await unpackTree(tree.root, tar, { prefix: found.path.slice(1), owner, strict });
}

/** Whether a directory lies on the root's own file system, and whether what is mounted there is read-only. */
export function mountAt(root: string, path: string): { isRoot: boolean; isReadOnly: boolean } {
  const fd = openInRoot(root, fsPath(path), O_PATH);
  try {
    return { isRoot: fstatSync(fd).dev === deviceOf(root), isReadOnly: isReadOnly(`/proc/self/fd/${fd}`) };
  } finally {
    closeSync(fd);
  }
}

function deviceOf(root: string): number {
  const fd = openInRoot(root, "/", O_PATH | constants.O_DIRECTORY);
  try {
    return fstatSync(fd).dev;
  } finally {
    closeSync(fd);
  }
}

/** A path inside, with no link on the way to its last part. */
interface Place {
  path: string;
  /** Undefined where nothing is. */
  stats: Stats | undefined;
  /** What a symbolic link holds. */
  target?: string;
}

/** Resolves a path but for its last part; "", "/", "." and ".." at the end ask for a directory. @throws the system's errors */
function look(root: string, path: string): Place {
  const [, parent = "", base = ""] = /^(.*?)([^/]*)$/s.exec(path)!;
  const isDirectory = ["", ".", ".."].includes(base);
  const directory = openInRoot(root, fsPath(isDirectory ? path || "/" : parent || "/"), O_PATH | constants.O_DIRECTORY);
  try {
    const above = pathOf(root, directory);
    if (isDirectory) return { path: above, stats: fstatSync(directory) };
    return { path: posix.join(above, base), ...lookAt(directory, base) };
  } finally {
    closeSync(directory);
  }
}

function lookAt(directory: number, base: string): Omit<Place, "path"> {
  let fd: number;
  try {
    fd = openInRoot(directory, fsPath(base), O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { stats: undefined };
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    return { stats, ...(stats.isSymbolicLink() && { target: decodeName(readLinkOf(fd)) }) };
  } finally {
    closeSync(fd);
  }
}

/** The path of an open directory inside the root. */
export function pathOf(root: string, directory: number): string {
  const own = readlinkSync(root);
  const path = decodeName(readlinkSync(`/proc/self/fd/${directory}`, { encoding: "buffer" }));
  return own === "/" ? path : path.slice(own.length) || "/";
}

/** The same with links at the end followed; what they lead to need not be there. */
function follow(root: string, path: string): Place {
  let place = look(root, path);
  for (let links = 0; place.target !== undefined; links++) {
    if (links === maxLinks) throw Object.assign(new Error("too many levels of symbolic links"), { code: "ELOOP" });
    place = lookBehind(root, posix.isAbsolute(place.target) ? place.target : `${posix.dirname(place.path)}/${place.target}`);
  }
  return place;
}

/** Where a link leads, though nothing be there, nor even a directory for it. */
function lookBehind(root: string, path: string): Place {
  try {
    return look(root, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { path, stats: undefined };
    throw error;
  }
}

/** @throws EngineError `not-found`, `invalid` */
function inside(tree: RootedTree, asked: string, find: () => Place): Place {
  try {
    return find();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw tree.notFound(asked, cause);
    throw tree.refused(asked, code === "ENOTDIR" ? "not a directory" : message, cause);
  }
}

function existing(tree: RootedTree, asked: string, find: () => Place): Place & { stats: Stats } {
  const { stats, ...place } = inside(tree, asked, find);
  if (!stats) throw tree.notFound(asked);
  return { ...place, stats };
}
