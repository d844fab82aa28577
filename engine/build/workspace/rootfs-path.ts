/**
 * Paths inside a step's root file system, links followed as chroot would. Nothing else runs in a workspace while COPY
 * and WORKDIR work in it, so looking first and acting later is safe here.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { decodeName, fsPath } from "../../image/tar/index.ts";
import { followLinks } from "../../sys/follow-links.ts";

export interface Owner {
  uid: number;
  gid: number;
}

const maxLinks = 255;

/** Host path that a path inside `root` leads to; components that do not exist yet are kept as they are. */
export function resolveInRoot(root: string, path: string): string {
  const parts = followLinks(path, {
    read: (each) => linkAt([root, ...each].join("/")),
    limit: maxLinks,
    tooMany: () => new EngineError("invalid", `cannot follow "${path}": too many levels of symbolic links`),
  });
  return [root, ...parts].join("/");
}

function linkAt(path: string): string | undefined {
  const isLink = lstatSync(fsPath(path), { throwIfNoEntry: false })?.isSymbolicLink();
  return isLink ? decodeName(readlinkSync(fsPath(path), { encoding: "buffer" })) : undefined;
}

/**
 * Makes a directory and its missing parents, 0755, and gives the new ones to `owner` (default root).
 * @param path inside `root`
 * @returns its host path
 */
export function ensureDirectory(root: string, path: string, owner?: Owner): string {
  const target = resolveInRoot(root, path);
  makeMissing(root, target, path, owner);
  return target;
}

function makeMissing(root: string, target: string, path: string, owner: Owner | undefined): void {
  const missing: string[] = [];
  let at = target;
  let stats = lstatSync(fsPath(at), { throwIfNoEntry: false });
  while (!stats && at.length > root.length) {
    missing.unshift(at);
    at = at.slice(0, at.lastIndexOf("/"));
    stats = statUnlessFile(at, path);
  }
  if (stats && !stats.isDirectory()) throw notDirectory(path);
  for (const directory of missing.map(fsPath)) {
    mkdirSync(directory);
    chmodSync(directory, 0o755); // whatever the umask
    if (owner && (owner.uid || owner.gid)) chownSync(directory, owner.uid, owner.gid);
  }
}

function statUnlessFile(at: string, path: string) {
  try {
    return lstatSync(fsPath(at), { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") throw notDirectory(path);
    throw error;
  }
}

function notDirectory(path: string): EngineError {
  return new EngineError("dockerfile", `cannot make directory "${path}": a part of it exists and is not a directory`);
}
