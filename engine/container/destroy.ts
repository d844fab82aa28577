/** Removing a container and everything of it. Every step may have been done by a process that died. */
import { rmSync } from "node:fs";
import type { House } from "../house.ts";
import { takeLease } from "../state/leases.ts";
import { releaseBundle, volumesOf } from "./bundle.ts";
import { emitContainer, filesOf, findById, isRunning } from "./record.ts";

/**
 * With the container's lock held, or for one that no other process can know. The row goes last: until then a crash leaves
 * it, marked, for the next command.
 */
export async function destroyContainer(house: House, id: string, options: { volumes?: boolean } = {}): Promise<void> {
  const record = findById(house, id);
  const visible = record !== undefined && record.status !== "creating";
  using lease = takeLease(house, "container", id);
  if (visible) house.db.update("containers", "id", id, { status: "removing", ...(options.volumes && { error: removeVolumes }) });
  await releaseBundle(house, id, record && isRunning(record) ? volumesOf(record) : []);
  rmSync(filesOf(house, id).directory, { recursive: true, force: true });
  house.db.run("DELETE FROM containers WHERE id = ?", id);
  if (record && visible) emitContainer(house, record, "destroy");
  if (record && options.volumes) await removeAnonymous(house, volumesOf(record));
  lease.release();
}

/** What `error` of a "removing" row says: its anonymous volumes are to go too. */
export const removeVolumes = "removing with volumes";

async function removeAnonymous(house: House, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const volume = house.db.get("SELECT 1 AS found FROM volumes WHERE name = ? AND anonymous = 1", name);
    if (volume) await house.volumes.remove(name).catch(ignoreInUse);
  }
}

/** Another container holds it by --volumes-from. */
function ignoreInUse(error: { code?: string }): void {
  if (error.code !== "in-use" && error.code !== "conflict" && error.code !== "not-found") throw error;
}
