/**
 * Paths inside a tree, with its symlinks followed the way chroot would: an absolute target starts at the tree's root
 * and ".." stops there, so that no source can lead out (openat2's RESOLVE_IN_ROOT, on the walked tree).
 */
import { EngineError } from "../../errors.ts";
import type { Entry, FileTree } from "./tree.ts";

/** As many as the kernel follows before ELOOP. */
const maxLinks = 40;

/** Cleans a path lexically and roots it: "./a/../b/" → "b", "../../etc" → "etc", "" and "/" → "". */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** The entry a path leads to, every symlink followed (the last one too); undefined when it leads nowhere. */
export function resolveEntry(tree: FileTree, path: string): Entry | undefined {
  let pending = cleanPath(path).split("/").filter(Boolean);
  let current = tree.lstat("");
  let links = 0;
  while (pending.length > 0 && current) {
    const [part = "", ...rest] = pending;
    pending = rest;
    if (part === "..") {
      current = tree.lstat(parentOf(current.path));
      continue;
    }
    if (part === "." || part === "") continue;
    if (current.type !== "directory") return undefined;
    const next = tree.lstat(current.path === "" ? part : `${current.path}/${part}`);
    if (next?.type !== "symlink") {
      current = next;
      continue;
    }
    if (++links > maxLinks) throw new EngineError("invalid", `cannot follow "${path}": too many levels of symbolic links`);
    const target = next.link ?? "";
    pending = [...target.split("/"), ...rest];
    if (target.startsWith("/")) current = tree.lstat("");
  }
  return current;
}

function parentOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "" : path.slice(0, at);
}
