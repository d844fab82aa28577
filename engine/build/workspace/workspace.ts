/**
 * Where a step works: a directory under ROOT/build with the layers below it mounted as an overlay, held by a lease from
 * before it exists until it is a layer or gone.
 *
 *     ROOT/build/steps/ID/
 *       upper/ work/ rootfs/     overlay; on scratch there is only rootfs, a plain directory
 *       bundle/                  OCI bundle of a RUN
 */

import { chmodSync, closeSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { EngineError, toEngineError } from "../../errors.ts";
import { opaqueAttribute } from "../../image/layer/index.ts";
import { commitLayer, holdChain, lowerdirs, mountOverlay, unmountOverlay } from "../../image/layers/index.ts";
import { removeTree } from "../../process/remove-tree.ts";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { readXattrs } from "../../sys/files.ts";
import { openDirectory, type TreeEntry, visitBeneath } from "../../sys/tree.ts";
import { randomId } from "./id.ts";

export interface NewLayer {
  diffId: string;
  chainId: string;
  /** Bytes of file content. */
  size: number;
}

export interface Workspace extends AsyncDisposable {
  /** 64 hex digits; network, runtime container and cgroup are named after it. */
  readonly id: string;
  readonly directory: string;
  /** The file system as the step sees it; writes go to `changes`. */
  readonly rootfs: string;
  /** What the step wrote, in overlay form. */
  readonly changes: string;
  /** Directories, relative to the root, that were only touched: they stay out of the layer unless something is in them. */
  readonly unchanged: string[];
  /** Turns what was written into a layer of the store. The workspace is of no further use but to be disposed of. */
  commit(options?: { epoch?: number; signal?: AbortSignal }): Promise<NewLayer>;
}

function directoryOf(ground: Ground, id: string): string {
  return join(ground.paths.build, "steps", id);
}

/** Makes a workspace on the layers of a chain id, "" for an empty file system. */
export async function openWorkspace(ground: Ground, chainId: string): Promise<Workspace> {
  const id = randomId();
  const directory = directoryOf(ground, id);
  const rootfs = join(directory, "rootfs");
  const changes = chainId === "" ? rootfs : join(directory, "upper");
  const lease = takeLease(ground, "step", id);
  const dispose = async () => {
    await removeWorkspace(ground, id);
    lease.release();
  };
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await mountLayers(ground, chainId, { upper: changes, work: join(directory, "work"), merged: rootfs });
  } catch (error) {
    await dispose();
    throw toEngineError(error, "cannot prepare a build step's file system");
  }
  const unchanged: string[] = [];
  return {
    id,
    directory,
    rootfs,
    changes,
    unchanged,
    async commit(options) {
      if (chainId !== "") {
        unmountOverlay(rootfs);
        dropUnchanged(changes, unchanged);
      }
      return commitLayer(ground, changes, chainId, options);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function mountLayers(ground: Ground, chainId: string, at: { upper?: string; work?: string; merged: string }): Promise<void> {
  if (chainId === "") {
    mkdirSync(at.merged);
    return chmodSync(at.merged, 0o755); // whatever the umask
  }
  holdChain(ground, chainId); // another process must not remove the layers below
  const lower = lowerdirs(ground, chainId);
  if (!lower) throw new EngineError("corrupt", `cannot use layer "${chainId}": it is not in the store`);
  // Volatile: unmounting would otherwise sync the whole file system. What a crash leaves has a lease, not a layer.
  mountOverlay({ lower, ...at, ...(at.upper ? { volatile: true } : {}) });
}

/** Deepest first. One that was removed and made again hides what is below: it stays. */
function dropUnchanged(upper: string, directories: readonly string[]): void {
  const root = openDirectory(upper);
  if (root === undefined) return;
  const drop = ({ at, stats }: TreeEntry) => {
    if (stats.isDirectory() && readdirSync(at).length === 0 && !readXattrs(at, (name) => name === opaqueAttribute)) rmdirSync(at);
  };
  try {
    for (const directory of [...directories].sort((a, b) => b.length - a.length)) visitBeneath(root, directory, drop);
  } finally {
    closeSync(root);
  }
}

/** A read-only view of a stage's or an image's files, for COPY --from. */
export interface View extends AsyncDisposable {
  readonly root: string;
}

/** Mounts the layers of a chain id read-only. */
export async function openView(ground: Ground, chainId: string): Promise<View> {
  const id = randomId();
  const directory = directoryOf(ground, id);
  const lease = takeLease(ground, "step", id);
  const dispose = async () => {
    await removeWorkspace(ground, id);
    lease.release();
  };
  const root = join(directory, "rootfs");
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await mountLayers(ground, chainId, { merged: root });
  } catch (error) {
    await dispose();
    throw toEngineError(error, "cannot mount the files to copy from");
  }
  return { root, [Symbol.asyncDispose]: dispose };
}

/** Removes all that a step made, whatever it got to: its process, network, mounts, files. Idempotent. */
export async function removeWorkspace(ground: Ground, id: string): Promise<void> {
  const directory = directoryOf(ground, id);
  const { removeRun } = await import("./run-traces.ts");
  await removeRun(ground, id, directory);
  for (const mount of ["rootfs", "mounts/secrets"]) unmountOverlay(join(directory, mount));
  await removeTree(directory);
}
