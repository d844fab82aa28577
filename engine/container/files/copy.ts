/**
 * `cp`'s engine half: a path of a container as a tar stream, and a tar stream into a directory of a container. How both are
 * kept inside its root is the business of image/layer/copy-in-root.ts.
 */
import { posix } from "node:path";
import type { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import { copyInto, copyOutOf, mountAt, type RootedTree, statInTree } from "../../image/layer/index.ts";
import type { Ground } from "../../state/ground.ts";
import { viewRoot } from "../mounts/index.ts";
import { type ContainerRecord, emitContainer, findContainer, timestamp } from "../record/index.ts";
import type { CopyToOptions, PathStat } from "../types.ts";

/** See `Containers.statPath`. */
export async function statPath(ground: Ground, ref: string, path: string): Promise<PathStat> {
  const record = findContainer(ground, ref);
  await using view = await viewRoot(ground, record, { write: false });
  const { stats, linkTarget } = statInTree(treeOf(record, view.root), path);
  return { name: posix.basename(path), size: stats.size, mode: stats.mode, mtime: timestamp(stats.mtimeMs), linkTarget };
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
    const tar = copyOutOf(treeOf(record, view.root), path, options, () => view[Symbol.asyncDispose]());
    emitContainer(ground, record, "archive-path");
    return tar;
  } catch (error) {
    await view[Symbol.asyncDispose]();
    throw error;
  }
}

/** See `Containers.copyTo`. */
export async function copyTo(ground: Ground, ref: string, path: string, tar: Readable, options: CopyToOptions = {}): Promise<void> {
  const record = findContainer(ground, ref);
  await using view = await viewRoot(ground, record, { write: true });
  const owner = options.archive ? await ownerFor(view.root, record) : undefined;
  const check = (real: string) => checkWritable(view.root, real, record, path);
  await copyInto(treeOf(record, view.root), path, tar, { owner, strict: !options.replace, check });
  emitContainer(ground, record, "extract-to-dir");
}

/** A container's root with docker's words for what is not to be had in it. */
export function treeOf({ name }: ContainerRecord, root: string): RootedTree {
  return {
    root,
    notFound: (path, cause) =>
      new EngineError("not-found", `Could not find the file ${path} in container ${name}`, {
        ...(cause !== undefined && { cause }),
        hint: "check the path with 'berth exec' or 'berth diff'",
      }),
    refused: (path, why, cause) =>
      new EngineError("invalid", `cannot copy "${name}:${path}": ${why}`, { ...(cause !== undefined && { cause }) }),
  };
}

/**
 * A running container's root is mounted as it is marked; for another the mark counts. What is mounted in it has its own.
 * @throws EngineError `conflict`
 */
export function checkWritable(root: string, path: string, record: ContainerRecord, asked: string): void {
  const { isRoot, isReadOnly } = mountAt(root, path);
  if (isRoot ? !record.host.ReadonlyRootfs : !isReadOnly) return;
  const what = isRoot ? "container rootfs" : "mounted volume";
  throw new EngineError("conflict", `cannot copy to "${record.name}:${asked}": ${what} is marked read-only`, {
    hint: isRoot ? "copy into a volume, or create the container without --read-only" : "create the container without the mount's :ro",
  });
}

async function ownerFor(root: string, record: ContainerRecord): Promise<{ uid: number; gid: number } | undefined> {
  if (!record.config.User) return undefined;
  const { resolveUser } = await import("../spec/user.ts");
  const { uid, gid } = resolveUser(root, record.config.User);
  return { uid, gid };
}
