/**
 * Which extended attributes travel with a file, wherever one is copied or packed: capabilities and the users' own. Labels
 * (security.selinux), access lists (system.posix_acl_*) and what a mount writes (trusted.*) belong to the host.
 */
import { type FilePath, readXattrs, writeXattr } from "../../sys/files.ts";
import { isOverlayAttribute } from "./whiteout.ts";

export type Attributes = ReadonlyMap<string, Buffer>;

function travels(name: string): boolean {
  return name === "security.capability" || (name.startsWith("user.") && !isOverlayAttribute(name));
}

/** Undefined when there are none. A link at the end of the path is not followed. */
export function readAttributes(path: FilePath): Map<string, Buffer> | undefined {
  return readXattrs(path, travels);
}

/** After the owner, as chown(2) takes capabilities away. What a file system has no place for is left out, as docker does. */
export function writeAttributes(path: FilePath, attributes: Attributes | undefined): void {
  for (const [name, value] of attributes ?? []) {
    if (isOverlayAttribute(name)) continue;
    try {
      writeXattr(path, name, value);
    } catch (error) {
      // No attributes of this kind there (ENOTSUP), or one of a user's on a symlink (EPERM).
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOTSUP" && code !== "EOPNOTSUPP" && !(code === "EPERM" && name.startsWith("user."))) throw error;
    }
  }
}

/** One text for equal attributes, "" for none: part of what a copied file is. */
export function attributesText(attributes: Attributes | undefined): string {
  const sorted = [...(attributes ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, value]) => `${name}=${value.toString("hex")}`).join(",");
}
