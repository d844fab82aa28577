/**
 * Directories that a layer's tar implies but does not describe ("etc/app.conf" without "etc/") keep the attributes they
 * have in the layers below. In an overlay the upper directory's attributes win, so they are copied into it once the
 * layers below are known.
 */
import { chmodSync, constants, fstatSync, lchownSync, type Stats } from "node:fs";
import { closeDescriptor, hasXattr, O_PATH, openBeneath, setTimes } from "../../sys/files.ts";
import { fsPath } from "../tar/names.ts";
import { opaqueAttribute } from "./whiteout.ts";

/**
 * Gives directories of the tree this thread is confined to the attributes that they have below.
 * @param implicit paths relative to the root; "" is the root itself
 * @param lowers open directories of the layers below, topmost first
 */
export function inheritAttributes(implicit: string[], lowers: number[]): void {
  for (const path of implicit) {
    const found = findBelow(path, lowers);
    if (!found) continue;
    const full = fsPath(`/${path}`);
    lchownSync(full, found.uid, found.gid);
    chmodSync(full, found.mode & 0o7777);
    setTimes(full, Math.floor(found.mtimeMs / 1000), 0);
  }
}

/** The topmost directory at a path, as the union of the layers shows it. */
function findBelow(path: string, lowers: number[]): Stats | undefined {
  const prefixes = path === "" ? ["."] : path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  for (const lower of lowers) {
    const found = walk(lower, prefixes);
    if (found !== "absent") return found === "hidden" ? undefined : found;
  }
  return undefined;
}

/** "absent": look further down; "hidden": a file, whiteout or opaque directory of this layer ends the search. */
function walk(lower: number, prefixes: string[]): Stats | "absent" | "hidden" {
  let opaque = false;
  let stats: Stats | undefined;
  for (const prefix of prefixes) {
    const fd = openBeneath(lower, fsPath(prefix), O_PATH | constants.O_NOFOLLOW);
    if (fd === undefined) return opaque ? "hidden" : "absent";
    stats = fstatSync(fd);
    closeDescriptor(fd);
    if (!stats.isDirectory()) return "hidden";
    opaque ||= isOpaque(lower, prefix);
  }
  return stats ?? "absent";
}

function isOpaque(lower: number, path: string): boolean {
  const fd = openBeneath(lower, fsPath(path), constants.O_RDONLY | constants.O_DIRECTORY);
  if (fd === undefined) return false;
  try {
    return hasXattr(fd, opaqueAttribute);
  } finally {
    closeDescriptor(fd);
  }
}
