/**
 * Turning what a container or a build step wrote into a layer: the upper directory moves into the store as it is, and
 * the canonical tar of it, which gives the layer its name, is computed without ever being written.
 */
import { existsSync, statSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { chainOf } from "../documents/index.ts";
import { isSmall, LayerThread, type PackResult, packLayerHere } from "../layer/index.ts";
import { holdChain } from "./holds.ts";
import { findLayer, lowerdirs, type NewDirectory, newDirectory, registerLayer, removeDirectory } from "./layers.ts";

/**
 * @param upperdir on the store's file system; it is gone afterwards
 * @param epoch seconds: later modification times become this, in the layer and in its tar
 * @throws EngineError `conflict` when the parent is not in the store, `internal` when the directory is gone
 */
export async function commitLayer(
  ground: Ground,
  upperdir: string,
  parent: string,
  options: { epoch?: number; signal?: AbortSignal } = {},
): Promise<{ diffId: string; chainId: string; size: number }> {
  const lowers = lowerdirs(ground, parent);
  if (!lowers) throw new EngineError("conflict", `cannot commit a layer on "${parent}": that layer is not in the store`);
  // An empty layer in place of the step's would stay in the build cache.
  if (!existsSync(upperdir)) throw new EngineError("internal", `cannot commit a layer: "${upperdir}" is not there`);
  options.signal?.throwIfAborted();
  const directory = newDirectory(ground);
  let registered = false;
  try {
    const root = rootDiffers(upperdir, lowers[0]);
    const { diffId, tarSize, size } = await moveAndPack(directory, upperdir, root, options);
    const chainId = chainOf(parent, diffId);
    holdChain(ground, chainId);
    registered = registerLayer(ground, directory, { chain_id: chainId, parent, diff_id: diffId, size, tar_size: tarSize });
    return { diffId, chainId, size: findLayer(ground, chainId)?.size ?? size };
  } finally {
    if (!registered) {
      await removeDirectory(ground, directory.dir);
      directory.lease.release();
    }
  }
}

async function moveAndPack(
  directory: NewDirectory,
  upperdir: string,
  root: boolean,
  options: { epoch?: number; signal?: AbortSignal },
): Promise<PackResult> {
  const diff = join(directory.path, "diff");
  await rename(upperdir, diff);
  if (isSmall(diff)) return packLayerHere(directory.path, { root, epoch: options.epoch });
  await using thread = new LayerThread({ kind: "pack-layer", directory: directory.path, root, epoch: options.epoch }, options.signal);
  return await thread.result<PackResult>();
}

/** The root directory belongs to the layer only when the layer changed its mode or owner (`RUN chmod 700 /`). */
function rootDiffers(upperdir: string, below: string | undefined): boolean {
  const mine = statSync(upperdir);
  const theirs = below === undefined ? { mode: 0o40755, uid: 0, gid: 0 } : statSync(below);
  return mine.mode !== theirs.mode || mine.uid !== theirs.uid || mine.gid !== theirs.gid;
}
