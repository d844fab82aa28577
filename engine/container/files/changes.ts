/**
 * `diff`: what a container changed since its image, read from its overlay upper directory. The rules are docker's
 * (pkg/archive, changes of an overlay): a directory is "changed" only when its attributes are, or something below it.
 * The container may be running: its directories are held open and looked into through no link.
 */
import { closeSync, constants, readdirSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { isWhiteout, opaqueAttribute } from "../../image/layer/index.ts";
import { decodeName } from "../../image/tar/index.ts";
import type { Ground } from "../../state/ground.ts";
import { type FilePath, hasXattr, openBeneath } from "../../sys/files.ts";
import { entriesIn, entryIn, openDirectory, statBeneath } from "../../sys/tree.ts";
import { lowersOf } from "../mounts/index.ts";
import { filesOf, findContainer } from "../record/index.ts";
import type { FilesystemChange } from "../types.ts";

const modified = 0;
const added = 1;
const deleted = 2;

/** What starting a container puts into its upper directory as mount points: not the container's doing. */
const mountPoints = new Set([
  "/.dockerenv",
  "/dev",
  "/dev/console",
  "/dev/mqueue",
  "/dev/pts",
  "/dev/shm",
  "/etc/hostname",
  "/etc/hosts",
  "/etc/mtab",
  "/etc/resolv.conf",
  "/proc",
  "/sys",
]);
const mountParents = new Set([...mountPoints].map((path) => dirname(path)));

/** @throws EngineError `not-found`, `ambiguous`, `corrupt` */
export async function listChanges(ground: Ground, ref: string): Promise<FilesystemChange[]> {
  const record = findContainer(ground, ref);
  const targets = new Set(record.mounts.map(({ Destination }) => Destination));
  return compareUpper(
    filesOf(ground, record.id).upper,
    await lowersOf(ground, record),
    (path) => mountPoints.has(path) || targets.has(path),
  );
}

/**
 * Compares an upper directory with the layers below, topmost first. Sorted by path.
 * @param isMountPoint paths to leave out when they were added and are empty
 */
export function compareUpper(upper: string, lowers: string[], isMountPoint: (path: string) => boolean): FilesystemChange[] {
  using roots = openRoots(upper, lowers);
  const changes = new Map<string, FilesystemChange["Kind"]>();
  if (roots.upper !== undefined) walk(roots.upper, roots.lowers, "", isMountPoint, changes);
  return [...changes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([Path, Kind]) => ({ Kind, Path }));
}

/** An upper directory that is not there (never started, or gone meanwhile) holds nothing. */
function openRoots(upper: string, lowers: string[]): { upper: number | undefined; lowers: number[] } & Disposable {
  // Layers go by short names, which are links of the store's own: these are followed.
  const open = (path: string) => openDirectory(`${path}/.`);
  const fd = open(upper);
  const below = fd === undefined ? [] : lowers.map(open).filter((each) => each !== undefined);
  return { upper: fd, lowers: below, [Symbol.dispose]: () => closeAll(fd === undefined ? [] : [fd, ...below]) };
}

function closeAll(descriptors: readonly number[]): void {
  for (const fd of descriptors) closeSync(fd);
}

/** @param lowers the same directory in the layers that show through, topmost first */
function walk(
  upper: number,
  lowers: readonly number[],
  directory: string,
  isMountPoint: (path: string) => boolean,
  changes: Map<string, FilesystemChange["Kind"]>,
): void {
  for (const { name, at, stats } of entriesIn(upper)) {
    const path = `${directory}/${decodeName(name)}`;
    const kind = kindOf(path, stats, findBelow(lowers, name));
    // An image without /etc has one by the start: what is in it counts.
    const madeByStart = mountParents.has(path) && stats.isDirectory();
    const skip = kind === added && (madeByStart || (isMountPoint(path) && isEmpty(upper, name, path, stats)));
    if (kind !== undefined && !skip) record(changes, path, kind);
    const inside = stats.isDirectory() ? openDirectory(at) : undefined;
    if (inside === undefined) continue;
    const below = isOpaque(inside) ? [] : enterBelow(lowers, name);
    try {
      walk(inside, below, path, isMountPoint, changes);
    } finally {
      closeAll([inside, ...below]);
    }
  }
}

/** The change itself, and "changed" for the directories above it. */
function record(changes: Map<string, FilesystemChange["Kind"]>, path: string, kind: FilesystemChange["Kind"]): void {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    const parent = path.slice(0, at);
    if (!changes.has(parent)) changes.set(parent, modified);
  }
  changes.set(path, kind);
}

function kindOf(path: string, stats: Stats, below: Stats | undefined): FilesystemChange["Kind"] | undefined {
  if (isWhiteout(stats)) return deleted;
  if (!below) return added;
  const sameOwner = stats.mode === below.mode && stats.uid === below.uid && stats.gid === below.gid;
  // Making a mount point touches the directory above it, which says nothing of what the container did.
  const sameTime = mountParents.has(path) || Math.trunc(stats.mtimeMs / 1000) === Math.trunc(below.mtimeMs / 1000);
  return stats.isDirectory() && below.isDirectory() && sameOwner && sameTime ? undefined : modified;
}

/** What the union of the layers shows at a name in a directory. */
function findBelow(lowers: readonly number[], name: Buffer): Stats | undefined {
  for (const lower of lowers) {
    const found = entryIn(lower, name)?.stats;
    if (found) return isWhiteout(found) ? undefined : found;
  }
  return undefined;
}

/** A directory of a directory, in each layer that shows through: what is no directory, and an opaque one, end the search. */
function enterBelow(lowers: readonly number[], name: Buffer): number[] {
  const entered: number[] = [];
  for (const lower of lowers) {
    const found = entryIn(lower, name);
    if (!found) continue;
    const fd = found.stats.isDirectory() ? openDirectory(found.at) : undefined;
    if (fd === undefined) break;
    entered.push(fd);
    if (isOpaque(fd)) break;
  }
  return entered;
}

/** Whether the union of the layers shows something at a path. */
function isBelow(lowers: readonly number[], [name = "", ...rest]: string[]): boolean {
  if (rest.length === 0) return findBelow(lowers, Buffer.from(name)) !== undefined;
  const entered = enterBelow(lowers, Buffer.from(name));
  try {
    return isBelow(entered, rest);
  } finally {
    closeAll(entered);
  }
}

/**
 * What starting a container has put into its upper directory and nobody has filled since, relative to it: not to go
 * into an image.
 */
export function emptyMountPoints(upper: string, lowers: string[]): string[] {
  using roots = openRoots(upper, lowers);
  const { upper: root, lowers: below } = roots;
  if (root === undefined) return [];
  const names = [...mountPoints].map((path) => path.slice(1));
  return names.filter((name) => {
    const stats = statBeneath(root, name);
    return stats && !isWhiteout(stats) && !isBelow(below, name.split("/")) && isEmpty(root, name, `/${name}`, stats);
  });
}

/** An empty file, or a directory with nothing but mount points in it. @param name relative to an open directory */
function isEmpty(directory: number, name: FilePath, path: string, stats: Stats): boolean {
  if (stats.isSymbolicLink()) return path === "/etc/mtab";
  if (!stats.isDirectory()) return stats.size === 0;
  const fd = openBeneath(directory, name, constants.O_RDONLY | constants.O_DIRECTORY);
  if (fd === undefined) return false;
  try {
    return readdirSync(`/proc/self/fd/${fd}`).every((each) => mountPoints.has(`${path}/${each}`));
  } finally {
    closeSync(fd);
  }
}

const isOpaque = (directory: number) => hasXattr(directory, opaqueAttribute);
