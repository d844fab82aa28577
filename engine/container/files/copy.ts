/**
 * `cp`'s engine half: a path of a container as a tar stream, and a tar stream into a directory of a container. Paths are
 * resolved by the kernel inside the container's root, and archives are packed and unpacked by a thread confined to it,
 * so that neither links nor a container that changes them meanwhile lead outside.
 */
import { closeSync, constants, fstatSync, readlinkSync, type Stats } from "node:fs";
import { posix } from "node:path";
import type { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import { packTree, unpackTree } from "../../image/layer/index.ts";
import { decodeName, fsPath } from "../../image/tar/index.ts";
import type { Ground } from "../../state/ground.ts";
import { isReadOnly, O_PATH, readLinkOf } from "../../sys/files.ts";
import { openInRoot } from "../../sys/in-root.ts";
import { viewRoot } from "../mounts/index.ts";
import { type ContainerRecord, emitContainer, findContainer, timestamp } from "../record/index.ts";
import type { CopyToOptions, PathStat } from "../types.ts";

/** Links in a row after which a path is a loop, as the kernel's limit. */
const maxLinks = 40;

/** See `Containers.statPath`. */
export async function statPath(ground: Ground, ref: string, path: string): Promise<PathStat> {
  const record = findContainer(ground, ref);
  await using view = await viewRoot(ground, record, { write: false });
  const { stats, target } = existing(record, path, () => look(view.root, path));
  return {
    name: posix.basename(path),
    size: stats.size,
    mode: stats.mode,
    mtime: timestamp(stats.mtimeMs),
    linkTarget: target === undefined ? "" : inside(record, path, () => follow(view.root, path)).path,
  };
}

/** See `Containers.copyFrom`. The archive's root entry has the base name of `path`, "." for the root itself. */
export async function copyFrom(
  ground: Ground,
  ref: string,
  path: string,
  options: { followLink?: boolean; name?: string } = {},
): Promise<Readable> {
  const record = findContainer(ground, ref);
  const view = await viewRoot(ground, record, { write: false });
  try {
    const found = existing(record, path, () => (options.followLink ? follow : look)(view.root, path));
    const { name = posix.basename(posix.normalize(`/${path}`)) || "." } = options;
    emitContainer(ground, record, "archive-path");
    const packed = { overlay: false, path: found.path.slice(1), name, root: name !== "", nanoseconds: true, sparse: true, live: true };
    return packTree(view.root, packed, () => view[Symbol.asyncDispose]());
  } catch (error) {
    await view[Symbol.asyncDispose]();
    throw error;
  }
}

/** See `Containers.copyTo`. */
export async function copyTo(ground: Ground, ref: string, path: string, tar: Readable, options: CopyToOptions = {}): Promise<void> {
  const record = findContainer(ground, ref);
  await using view = await viewRoot(ground, record, { write: true });
  const found = existing(record, path, () => follow(view.root, path));
  if (!found.stats.isDirectory()) throw refused(record, path, "extraction point is not a directory");
  checkWritable(view.root, found.path, record, path);
  const owner = options.archive ? await ownerFor(view.root, record) : undefined;
  await unpackTree(view.root, tar, { prefix: found.path.slice(1), owner, strict: !options.replace });
  emitContainer(ground, record, "extract-to-dir");
}

function refused({ name }: ContainerRecord, path: string, why: string, cause?: unknown): EngineError {
  return new EngineError("invalid", `cannot copy "${name}:${path}": ${why}`, { ...(cause !== undefined && { cause }) });
}

/** A running container's root is mounted as it is marked; for another the mark counts. What is mounted in it has its own. */
function checkWritable(root: string, path: string, record: ContainerRecord, asked: string): void {
  const fd = openInRoot(root, fsPath(path), O_PATH | constants.O_DIRECTORY);
  try {
    const isRoot = fstatSync(fd).dev === deviceOf(root);
    if (isRoot ? !record.host.ReadonlyRootfs : !isReadOnly(`/proc/self/fd/${fd}`)) return;
    const what = isRoot ? "container rootfs" : "mounted volume";
    throw new EngineError("conflict", `cannot copy to "${record.name}:${asked}": ${what} is marked read-only`, {
      hint: isRoot ? "copy into a volume, or create the container without --read-only" : "create the container without the mount's :ro",
    });
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

async function ownerFor(root: string, record: ContainerRecord): Promise<{ uid: number; gid: number } | undefined> {
  if (!record.config.User) return undefined;
  const { resolveUser } = await import("../spec/user.ts");
  const { uid, gid } = resolveUser(root, record.config.User);
  return { uid, gid };
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
function pathOf(root: string, directory: number): string {
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
function inside(record: ContainerRecord, asked: string, find: () => Place): Place {
  try {
    return find();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw notFound(record, asked, cause);
    throw refused(record, asked, code === "ENOTDIR" ? "not a directory" : message, cause);
  }
}

function existing(record: ContainerRecord, asked: string, find: () => Place): Place & { stats: Stats } {
  const { stats, ...place } = inside(record, asked, find);
  if (!stats) throw notFound(record, asked);
  return { ...place, stats };
}

function notFound({ name }: ContainerRecord, path: string, cause?: unknown): EngineError {
  return new EngineError("not-found", `Could not find the file ${path} in container ${name}`, {
    ...(cause !== undefined && { cause }),
    hint: "check the path with 'berth exec' or 'berth diff'",
  });
}
