/**
 * `diff`: what a container changed since its image, read from its overlay upper directory. The rules are docker's
 * (pkg/archive, changes of an overlay): a directory is "changed" only when its attributes are, or something below it.
 * The container may be running: its directories are held open and looked into through no link.
 */
import { closeSync, constants, readdirSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { isWhiteout, opaqueAttribute } from "../../image/layer/index.ts";
import { decodeName, encodeName } from "../../image/tar/index.ts";
import type { Ground } from "../../state/ground.ts";
import { type FilePath, hasXattr, openBeneath } from "../../sys/files.ts";
import { entriesIn, entryIn, openDirectory, statBeneath } from "../../sys/tree.ts";
import { lowersOf } from "../mounts/index.ts";
import { type ContainerRecord, filesOf, findContainer } from "../record/index.ts";
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
  return compareUpper(filesOf(ground, record.id).upper, await lowersOf(ground, record), mountPointsOf(record));
}

/** Where a start puts something of berth's, or of the host's, into a container. */
export function mountPointsOf({ mounts }: ContainerRecord): (path: string) => boolean {
  const targets = new Set(mounts.map(({ Destination }) => Destination));
  return (path) => mountPoints.has(path) || targets.has(path);
}

/**
 * Compares an upper directory with the layers below, topmost first. Sorted by path.
 * @param isMountPoint paths to leave out when they were added and are empty
 */
export function compareUpper(upper: string, lowers: string[], isMountPoint: (path: string) => boolean): FilesystemChange[] {
  using roots = openRoots(upper, lowers);
  const changes = new Map<string, FilesystemChange["Kind"]>();
  const { upper: top, lowers: below } = roots;
  const found = top === undefined ? [] : changesBelow({ upper: top, lowers: below }, "", { isMountPoint, started: true });
  for (const { Kind, Path } of found) record(changes, Path, Kind);
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

/** Directories of a stack of layers at one path, open: its topmost layer's, and those that show through it, topmost first. */
interface Stack {
  upper: number;
  lowers: readonly number[];
}

/** One of a listing, whose reader wants to see what an opaque directory hides: the layers below are open in there, too. */
interface ListedStack extends Stack {
  isOpaque: boolean;
}

/** What is no change. */
interface Exempt {
  /** Paths to leave out when they were added and are empty. */
  isMountPoint(path: string): boolean;
  /** The topmost layer is a container's, and what its start did there is nobody's change. */
  started: boolean;
}

/** What a layer changes in a directory and below it, each directory before what is in it. */
function* changesBelow({ upper, lowers }: Stack, directory: string, exempt: Exempt): Generator<FilesystemChange> {
  for (const { name, at, stats } of entriesIn(upper)) {
    const Path = `${directory}/${decodeName(name)}`;
    const Kind = ownChange({ upper, lowers }, name, Path, stats, exempt);
    if (Kind !== undefined) yield { Kind, Path };
    const inside = stats.isDirectory() ? openDirectory(at) : undefined;
    if (inside === undefined) continue;
    const below = isOpaque(inside) ? [] : enterBelow(lowers, name);
    try {
      yield* changesBelow({ upper: inside, lowers: below }, Path, exempt);
    } finally {
      closeAll([inside, ...below]);
    }
  }
}

/** What became of an entry of the topmost layer itself, whatever is below it. */
function ownChange(
  { upper, lowers }: Stack,
  name: Buffer,
  path: string,
  stats: Stats,
  exempt: Exempt,
): FilesystemChange["Kind"] | undefined {
  const kind = kindOf(path, stats, findBelow(lowers, name), exempt);
  // An image without /etc has one by the start: what is in it counts.
  const madeByStart = exempt.started && mountParents.has(path) && stats.isDirectory();
  const skip = kind === added && (madeByStart || (exempt.isMountPoint(path) && isEmpty(upper, name, path, stats)));
  return skip ? undefined : kind;
}

/** The change itself, and "changed" for the directories above it. */
function record(changes: Map<string, FilesystemChange["Kind"]>, path: string, kind: FilesystemChange["Kind"]): void {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    const parent = path.slice(0, at);
    if (!changes.has(parent)) changes.set(parent, modified);
  }
  changes.set(path, kind);
}

function kindOf(path: string, stats: Stats, below: Stats | undefined, { started }: Exempt): FilesystemChange["Kind"] | undefined {
  if (isWhiteout(stats)) return deleted;
  if (!below) return added;
  const sameOwner = stats.mode === below.mode && stats.uid === below.uid && stats.gid === below.gid;
  // Making a mount point touches the directory above it, which says nothing of what the container did.
  const sameTime = (started && mountParents.has(path)) || Math.trunc(stats.mtimeMs / 1000) === Math.trunc(below.mtimeMs / 1000);
  return stats.isDirectory() && below.isDirectory() && sameOwner && sameTime ? undefined : modified;
}

export type Change = "added" | "changed" | "removed";

/** One directory of a layer over others: what the layer makes of it. */
export interface ChangedDirectory extends Disposable {
  /** What became of what the union of all shows at a name; a directory is changed when something in it is. */
  changeOf(name: Buffer): Change | undefined;
  /** What the layer takes away, as it was. */
  readonly removed: readonly { name: Buffer; stats: Stats }[];
}

/**
 * Opens a directory of a layer.
 * @param layer its directory, and those below it, topmost first; `exempt` what is no change
 * @param path absolute, without links
 * @returns undefined when the layer has no directory there: nothing in it is changed
 */
export function openChanges(layer: { upper: string; lowers: string[]; exempt: Exempt }, path: string): ChangedDirectory | undefined {
  const roots = openRoots(layer.upper, layer.lowers);
  let stack: ListedStack | undefined =
    roots.upper === undefined ? undefined : { upper: roots.upper, lowers: roots.lowers, isOpaque: false };
  for (const part of path.split("/").filter(Boolean)) stack = stack && enter(stack, encodeName(part));
  const found = stack;
  if (!found) return undefined;
  const { upper, lowers } = found;
  return {
    changeOf: (name) => changeAt(found, name, path, layer.exempt),
    removed: removedIn(found),
    [Symbol.dispose]: () => closeAll([upper, ...lowers]),
  };
}

/** A directory of an open directory in all layers, which are closed. */
function enter({ upper, lowers, isOpaque: isBelowOpaque }: ListedStack, name: Buffer): ListedStack | undefined {
  try {
    const entry = entryIn(upper, name);
    const inside = entry?.stats.isDirectory() ? openDirectory(entry.at) : undefined;
    if (inside === undefined) return undefined;
    return { upper: inside, lowers: enterBelow(lowers, name), isOpaque: isBelowOpaque || isOpaque(inside) };
  } finally {
    closeAll([upper, ...lowers]);
  }
}

function changeAt(stack: ListedStack, name: Buffer, directory: string, exempt: Exempt): Change | undefined {
  const entry = entryIn(stack.upper, name);
  if (!entry || isWhiteout(entry.stats)) return undefined;
  const path = `${directory === "/" ? "" : directory}/${decodeName(name)}`;
  const kind = ownChange(stack, name, path, entry.stats, exempt);
  if (kind !== undefined) return kind === added ? "added" : "changed";
  const inside = entry.stats.isDirectory() ? openDirectory(entry.at) : undefined;
  if (inside === undefined) return undefined;
  const lowers = enterBelow(stack.lowers, name);
  try {
    const hides = stack.isOpaque || isOpaque(inside);
    if (hides && !namesBelow(lowers).next().done) return "changed";
    return changesBelow({ upper: inside, lowers: hides ? [] : lowers }, path, exempt).next().done ? undefined : "changed";
  } finally {
    closeAll([inside, ...lowers]);
  }
}

/** What the layer takes away: by whiteouts, or in an opaque directory all that it has not made anew. */
function removedIn({ upper, lowers, isOpaque: hides }: ListedStack): { name: Buffer; stats: Stats }[] {
  if (hides) return hiddenIn(upper, lowers);
  const entries = readdirSync(`/proc/self/fd/${upper}`, { encoding: "buffer", withFileTypes: true });
  return entries.flatMap((each) => {
    const entry = each.isCharacterDevice() ? entryIn(upper, each.name) : undefined;
    const stats = entry && isWhiteout(entry.stats) ? findBelow(lowers, each.name) : undefined;
    return stats ? [{ name: each.name, stats }] : [];
  });
}

function hiddenIn(upper: number, lowers: readonly number[]): { name: Buffer; stats: Stats }[] {
  return [...namesBelow(lowers)].flatMap((name) => {
    const stats = entryIn(upper, name) ? undefined : findBelow(lowers, name);
    return stats ? [{ name, stats }] : [];
  });
}

/** The names that the union of the layers shows in a directory. */
function* namesBelow(lowers: readonly number[]): Generator<Buffer> {
  const seen = new Set<string>();
  for (const lower of lowers)
    for (const { name, stats } of entriesIn(lower)) {
      const key = name.toString("latin1");
      if (!seen.has(key) && !isWhiteout(stats)) yield name;
      seen.add(key);
    }
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
