/** Layers as one tree, seen by whoever opened it alone: an overlay in a mount namespace that only a descriptor holds. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { removeTree } from "../../process/remove-tree.ts";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { openMountView } from "../../sys/mount-namespace.ts";
import { randomHex } from "../../sys/random.ts";
import { mountOverlay } from "./overlay.ts";

interface LayersView extends AsyncDisposable {
  /** A way by a descriptor: what is opened in it has "/" in between, as the last link of a path is never followed. */
  root: string;
}

/** @param lower directories, the highest first; without any the tree is empty. @throws EngineError `corrupt`, `system` */
export async function viewLayers(ground: Ground, lower: readonly string[]): Promise<LayersView> {
  const name = `files-${randomHex(8)}`;
  const directory = join(ground.paths.tmp, name);
  const lease = takeLease(ground, "temporary", name);
  const release = async () => {
    await removeTree(directory);
    lease.release();
  };
  try {
    mkdirSync(directory, { mode: 0o700 });
    const empty = join(directory, "empty");
    mkdirSync(empty, { mode: 0o755 });
    const merged = join(directory, "root");
    const view = openMountView(undefined, () => {
      mountOverlay({ lower: lower.length > 0 ? [...lower] : [empty], merged });
      return merged;
    });
    return {
      root: view.root,
      [Symbol.asyncDispose]: async () => {
        view[Symbol.dispose]();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
