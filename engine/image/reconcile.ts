/** What the images room does about things that a dead process left half made. Both are idempotent. */
import { basename, join } from "node:path";
import type { House } from "../house.ts";
import { removeTree } from "../process/remove-tree.ts";
import { deadLeases, dropLease } from "../state/leases.ts";
import { unmountBelow } from "../sys/libc.ts";
import { heldChain } from "./holds.ts";
import { collectChain, oweCollection, removeDirectory } from "./layers.ts";

/** @param subject a layer directory's name, or a hold on a chain */
export async function cleanLayer(house: House, subject: string): Promise<void> {
  const chainId = heldChain(subject);
  if (chainId !== undefined) {
    // The dead holds themselves would count as references.
    const duty = house.db.transaction(() => {
      for (const lease of deadLeases(house)) if (lease.kind === "layer" && lease.subject === subject) dropLease(house, lease.id);
      return oweCollection(house, chainId);
    });
    await collectChain(house, chainId, duty);
    return;
  }
  const isLayer = house.db.get("SELECT 1 AS found FROM layers WHERE dir = ?", subject) !== undefined;
  if (!isLayer && subject === basename(subject)) await removeDirectory(house, subject);
}

/** @param subject a name under ROOT/tmp */
export async function cleanTemporary(house: House, subject: string): Promise<void> {
  if (subject !== basename(subject) || subject.startsWith(".")) return;
  const path = join(house.paths.tmp, subject);
  // A dead process may have had a container's root mounted there: what lies behind a mount is not temporary.
  unmountBelow(path);
  await removeTree(path);
}
