/** Removing a container and everything of it. Every step may have been done by a process that died. */

import { removeTree } from "../../process/remove-tree.ts";
import type { Ground } from "../../state/ground.ts";
import { releaseOwn, takeLease } from "../../state/leases.ts";
import { emitContainer, filesOf, findById, isRunning, removingWithVolumes } from "../record/index.ts";
import { releaseBundle, volumesOf } from "./bundle.ts";
import { hideBundle } from "./ending.ts";

export interface DestroyOptions {
  /** Its anonymous volumes too. */
  volumes?: boolean;
  /** The caller has just taken back all that its last run needed. */
  released?: boolean;
}

/**
 * The caller holds the container's lock, or no other process knows of the container yet. The row goes last: until then a crash leaves
 * it, marked, for the next command.
 */
export async function destroyContainer(ground: Ground, id: string, options: DestroyOptions = {}): Promise<void> {
  await ground.db.transaction(() => beginRemoval(ground, id, options))();
}

/**
 * Its first part, for a transaction with more in it: marks the container.
 * @returns removes it
 */
export function beginRemoval(ground: Ground, id: string, options: DestroyOptions): () => Promise<void> {
  const record = findById(ground, id);
  const visible = record !== undefined && record.status !== "creating";
  const volumes = record && options.volumes ? volumesOf(record) : [];
  const mark = { ...(visible && { status: "removing" }), ...(volumes.length > 0 && { error: removingWithVolumes }) };
  if (Object.keys(mark).length > 0) ground.db.update("containers", "id", id, mark);
  const taken = takeLease(ground, "container", id);
  return async () => {
    using _ = taken;
    if (!options.released) await releaseBundle(ground, id, record && isRunning(record) ? volumesOf(record) : []);
    if (volumes.length > 0) await (await import("../../volume/ensure.ts")).removeAnonymousVolumes(ground, volumes);
    hideBundle(ground, id);
    await removeTree(filesOf(ground, id).directory);
    ground.db.transaction(() => {
      ground.db.run("DELETE FROM containers WHERE id = ?", id);
      if (record && visible) emitContainer(ground, record, "destroy");
      releaseOwn(ground, "container", id);
    });
  };
}
