/** Paths of a tree as tar streams, and tar streams into its directories: what `cp` does, for any tree. */
import { posix } from "node:path";
import type { Readable } from "node:stream";
import type { CopyToOptions, PathStat } from "../container/types.ts";
import { copyInto, copyOutOf, statInTree } from "../image/layer/index.ts";
import type { Ground } from "../state/ground.ts";
import type { TreeName } from "./index.ts";
import { openTree } from "./open-tree.ts";

/** A container's own verbs know its user, and tell others. */
const ofContainers = () => import("../container/files/copy.ts");

/** See `Files.statPath`. */
export async function statPath(ground: Ground, name: TreeName, path: string): Promise<PathStat> {
  if (name.kind === "container") return (await ofContainers()).statPath(ground, name.ref, path);
  await using tree = await openTree(ground, name);
  const { stats, linkTarget } = statInTree(tree, path);
  return { name: posix.basename(path), size: stats.size, mode: stats.mode, mtime: stats.mtime.toISOString(), linkTarget };
}

/** See `Files.copyFrom`. */
export async function copyFrom(
  ground: Ground,
  name: TreeName,
  path: string,
  options: { followLink?: boolean; name?: string } = {},
): Promise<Readable> {
  if (name.kind === "container") return (await ofContainers()).copyFrom(ground, name.ref, path, options);
  const tree = await openTree(ground, name);
  try {
    return copyOutOf(tree, path, options, () => tree[Symbol.asyncDispose]());
  } catch (error) {
    await tree[Symbol.asyncDispose]();
    throw error;
  }
}

/** See `Files.copyTo`. */
export async function copyTo(ground: Ground, name: TreeName, path: string, tar: Readable, options: CopyToOptions = {}): Promise<void> {
  if (name.kind === "container") return (await ofContainers()).copyTo(ground, name.ref, path, tar, options);
  await using tree = await openTree(ground, name, { write: true });
  await copyInto(tree, path, tar, { strict: !options.replace });
}
