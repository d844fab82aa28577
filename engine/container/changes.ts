/**
 * `diff`: what a container changed since its image, read from its overlay upper directory. The rules are docker's
 * (pkg/archive, changes of an overlay): a directory is "changed" only when its attributes are, or something below it.
 */
import { type Dirent, lstatSync, readdirSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import type { House } from "../house.ts";
import { isWhiteout } from "../image/layer/whiteout.ts";
import { getXattr } from "../sys/libc.ts";
import { filesOf, findContainer } from "./record.ts";
import { lowersOf } from "./rootfs.ts";
import type { FilesystemChange } from "./types.ts";

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
export async function listChanges(house: House, ref: string): Promise<FilesystemChange[]> {
  const record = findContainer(house, ref);
  const targets = new Set(record.mounts.map(({ Destination }) => Destination));
  return compareUpper(filesOf(house, record.id).upper, await lowersOf(house, record), (path) => mountPoints.has(path) || targets.has(path));
}

/**
 * Compares an upper directory with the layers below, topmost first. Sorted by path.
 * @param isMountPoint paths to leave out when they were added and are empty
 */
export function compareUpper(upper: string, lowers: string[], isMountPoint: (path: string) => boolean): FilesystemChange[] {
  const changes = new Map<string, FilesystemChange["Kind"]>();
  walk(upper, lowers, "", isMountPoint, changes);
  return [...changes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([Path, Kind]) => ({ Kind, Path }));
}

function walk(
  upper: string,
  lowers: string[],
  directory: string,
  isMountPoint: (path: string) => boolean,
  changes: Map<string, FilesystemChange["Kind"]>,
): void {
  for (const entry of entriesOf(join(upper, directory))) {
    const path = `${directory}/${entry.name}`;
    const stats = lstatSync(join(upper, path), { throwIfNoEntry: false });
    if (!stats) continue;
    const below = findBelow(lowers, path);
    const kind = kindOf(path, stats, below);
    // An image without /etc has one by the start: what is in it counts.
    const madeByStart = mountParents.has(path) && stats.isDirectory();
    const skip = kind === added && (madeByStart || (isMountPoint(path) && isEmpty(upper, path, stats)));
    if (kind !== undefined && !skip) record(changes, path, kind);
    if (stats.isDirectory()) walk(upper, isOpaque(join(upper, path)) ? [] : lowers, path, isMountPoint, changes);
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

/** What the union of the layers shows at a path; a whiteout or an opaque directory on the way ends the search. */
function findBelow(lowers: string[], path: string): Stats | undefined {
  const names = path.slice(1).split("/");
  for (const lower of lowers) {
    let isLast = false;
    let stats: Stats | undefined;
    for (let depth = 1; depth <= names.length; depth++) {
      const part = join(lower, ...names.slice(0, depth));
      stats = lstatSync(part, { throwIfNoEntry: false });
      if (!stats) break;
      if (isWhiteout(stats)) return undefined;
      if (depth < names.length && stats.isDirectory() && isOpaque(part)) isLast = true;
    }
    if (stats || isLast) return stats;
  }
  return undefined;
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return []; // never started, or gone meanwhile
  }
}

/**
 * What starting a container has put into its upper directory and nobody has filled since, relative to it: not to go
 * into an image.
 */
export function emptyMountPoints(upper: string, lowers: string[]): string[] {
  return [...mountPoints]
    .filter((path) => {
      const stats = lstatSync(join(upper, path), { throwIfNoEntry: false });
      return stats && !isWhiteout(stats) && !findBelow(lowers, path) && isEmpty(upper, path, stats);
    })
    .map((path) => path.slice(1));
}

/** An empty file, or a directory with nothing but mount points in it. */
function isEmpty(upper: string, path: string, stats: Stats): boolean {
  if (stats.isSymbolicLink()) return path === "/etc/mtab";
  if (!stats.isDirectory()) return stats.size === 0;
  return entriesOf(join(upper, path)).every((entry) => mountPoints.has(`${path}/${entry.name}`));
}

function isOpaque(path: string): boolean {
  return getXattr(path, "trusted.overlay.opaque")?.toString() === "y";
}
