/** What the images room does about things that a dead process left half made. Both are idempotent. */
import { basename, join } from "node:path";
import { removeTree } from "../../process/remove-tree.ts";
import type { Ground } from "../../state/ground.ts";
import { deadLeases, dropLease } from "../../state/leases.ts";
import { unmountBelow } from "../../sys/libc.ts";
import { heldChain } from "./holds.ts";
import { collectChain, oweCollection, removeDirectory } from "./layers.ts";

/** @param subject a layer directory's name, or a hold on a chain */
export async function cleanLayer(ground: Ground, subject: string): Promise<void> {
  const chainId = heldChain(subject);
  if (chainId !== undefined) {
    // Released first: a dead process's hold would itself count as a use of the layer.
    const duty = ground.db.transaction(() => {
      for (const lease of deadLeases(ground)) if (lease.kind === "layer" && lease.subject === subject) dropLease(ground, lease.id);
      return oweCollection(ground, chainId);
    });
    await collectChain(ground, chainId, duty);
    return;
  }
  const isLayer = ground.db.get("SELECT 1 AS found FROM layers WHERE dir = ?", subject) !== undefined;
  if (!isLayer && subject === basename(subject)) await removeDirectory(ground, subject);
}

/** @param subject a name under ROOT/tmp */
export async function cleanTemporary(ground: Ground, subject: string): Promise<void> {
  if (subject !== basename(subject) || subject.startsWith(".")) return;
  const path = join(ground.paths.tmp, subject);
  // A dead process may have had a container's root mounted there: what lies behind a mount is not temporary.
  unmountBelow(path);
  await removeTree(path);
}
