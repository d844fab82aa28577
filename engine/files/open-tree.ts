/**
 * A tree's root, opened for a moment: of a container what it sees, of a volume its data, of an image the union of its layers or one
 * of them. The root is held by a descriptor; whatever is looked for in it must be resolved inside it.
 */
import { closeSync, constants, openSync } from "node:fs";
import { type ChangedDirectory, checkWritable, mountPointsOf, openChanges, treeOf } from "../container/files/index.ts";
import { lowersOf, viewRoot } from "../container/mounts/index.ts";
import { filesOf, findContainer } from "../container/record/index.ts";
import { EngineError } from "../errors.ts";
import type { RootedTree } from "../image/layer/index.ts";
import { viewLayers } from "../image/layers/index.ts";
import { type ResolvedImage, resolveImage } from "../image/store/index.ts";
import type { Ground } from "../state/ground.ts";
import { O_PATH } from "../sys/files.ts";
import { hasOwnMount, mountVolume, releaseVolumes, volumeDirectory } from "../volume/ensure.ts";
import type { TreeName } from "./index.ts";

export interface OpenTree extends RootedTree, AsyncDisposable {
  /** What the topmost layer makes of one of its directories; undefined where there is nothing to compare with. */
  changes(path: string): ChangedDirectory | undefined;
  /** @throws EngineError `conflict` where nothing may be written */
  checkWritable(path: string): void;
  /** In overlay form: a whiteout is no file. */
  isLayer?: boolean;
}

/** @throws EngineError `not-found`, `unsupported` (writing into an image) */
export async function openTree(ground: Ground, tree: TreeName, options: { write?: boolean } = {}): Promise<OpenTree> {
  const { write = false } = options;
  if (tree.kind === "container") return openContainer(ground, tree.ref, write);
  if (tree.kind === "volume") return openVolume(ground, tree.ref);
  if (write)
    throw new EngineError("unsupported", `cannot write into image "${tree.ref}": images do not change`, {
      hint: "write into a container of it, and commit that",
    });
  const image = resolveImage(ground, tree.ref);
  if (!image) throw new EngineError("not-found", `No such image: ${tree.ref}`, { hint: "list the images with 'berth images'" });
  return tree.layer === undefined ? openSum(ground, image, tree.ref) : openLayer(image, tree.ref, tree.layer);
}

async function openContainer(ground: Ground, ref: string, write: boolean): Promise<OpenTree> {
  const record = findContainer(ground, ref);
  const view = await viewRoot(ground, record, { write });
  const release = () => view[Symbol.asyncDispose]();
  try {
    const exempt = { isMountPoint: mountPointsOf(record), started: true };
    const layer = { upper: filesOf(ground, record.id).upper, lowers: await lowersOf(ground, record), exempt };
    return {
      ...treeOf(record, view.root),
      changes: (path) => openChanges(layer, path),
      checkWritable: (path) => checkWritable(view.root, path, record, path),
      [Symbol.asyncDispose]: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Words for what is not to be had in a tree that is no container's, which may be written as it is. */
function plainTree(what: string, root: string, release: () => Promise<void>): OpenTree {
  return {
    root,
    notFound: (path, cause) =>
      new EngineError("not-found", `Could not find the file ${path} in ${what}`, {
        ...(cause !== undefined && { cause }),
        hint: "look at the directory above it",
      }),
    refused: (path, why, cause) =>
      new EngineError("invalid", `cannot use "${path}" of ${what}: ${why}`, { ...(cause !== undefined && { cause }) }),
    changes: () => undefined,
    checkWritable: () => {},
    [Symbol.asyncDispose]: release,
  };
}

async function openVolume(ground: Ground, name: string): Promise<OpenTree> {
  const { findVolume } = await import("../volume/records.ts");
  findVolume(ground, name);
  const isMount = hasOwnMount(ground, name);
  if (isMount) await mountVolume(ground, name);
  const release = async () => void (isMount && (await releaseVolumes(ground, [name])));
  try {
    return held(volumeDirectory(ground, name), `volume ${name}`, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** A directory of the store's own, by its descriptor. */
function held(directory: string, what: string, release: () => Promise<void> = async () => {}): OpenTree {
  const fd = openSync(directory, constants.O_DIRECTORY | O_PATH);
  return plainTree(what, `/proc/self/fd/${fd}`, async () => {
    closeSync(fd);
    await release();
  });
}

/** All layers as a container would see them. */
async function openSum(ground: Ground, { lowerdirs }: ResolvedImage, ref: string): Promise<OpenTree> {
  const view = await viewLayers(ground, lowerdirs);
  return plainTree(`image ${ref}`, view.root, async () => view[Symbol.asyncDispose]());
}

/** A layer alone, in overlay form: what it has, and what it takes away of those below. */
function openLayer({ lowerdirs }: ResolvedImage, ref: string, layer: number): OpenTree {
  const upper = lowerdirs.at(-layer);
  if (upper === undefined || layer < 1)
    throw new EngineError("not-found", `image ${ref} has no layer ${layer}: it has ${lowerdirs.length}`, {
      hint: "see them with 'berth image layers'; 1 is the lowest",
    });
  const tree = { ...held(upper, `layer ${layer} of image ${ref}`), isLayer: true };
  const lowers = lowerdirs.slice(lowerdirs.length - layer + 1);
  if (lowers.length === 0) return tree;
  return { ...tree, changes: (path) => openChanges({ upper, lowers, exempt: { isMountPoint: () => false, started: false } }, path) };
}
