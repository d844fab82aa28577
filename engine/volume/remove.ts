/** Removes volumes: refused while a container mounts them; the data leaves its place in one rename before it is deleted. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import type { Filters } from "../container/types.ts";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { removeTree } from "../process/remove-tree.ts";
import { emit } from "../state/events.ts";
import { takeLease } from "../state/leases.ts";
import { unmount } from "../sys/libc.ts";
import { treeSize } from "../sys/tree.ts";
import { isTrue, matchesVolume } from "./list.ts";
import { allVolumes, dataOf, directoryOf, findVolume, volumeByName, volumeUsers } from "./records.ts";

/**
 * @param options.force a volume that does not exist is fine
 * @throws EngineError `not-found`, `in-use`
 */
export async function removeVolume(house: House, name: string, options: { force?: boolean } = {}): Promise<void> {
  if (options.force && !volumeByName(house, name)) return;
  findVolume(house, name);
  const users = volumeUsers(house).get(name);
  if (users)
    throw new EngineError("in-use", `remove ${name}: volume is in use - [${users.join(", ")}]`, {
      hint: "remove the containers that use it first",
    });
  await deleteVolume(house, name);
}

async function deleteVolume(house: House, name: string): Promise<void> {
  unmount(dataOf(house, name)); // before anything is deleted: a bind or NFS volume is not ours to empty
  const lease = `volume-${process.getBuiltinModule("node:crypto").randomBytes(8).toString("hex")}`;
  using _ = takeLease(house, "temporary", lease);
  const doomed = join(house.paths.tmp, lease);
  try {
    renameSync(directoryOf(house, name), doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  house.db.run("DELETE FROM volumes WHERE name = ?", name);
  await removeTree(doomed);
  emit(house, "volume", "destroy", name, { driver: "local" });
}

/**
 * Removes what no container mounts: anonymous volumes, with `all` (or the filter all=true) named ones too.
 * @throws EngineError `invalid` for other filters than `label`, `label!` and `all`
 */
export async function pruneVolumes(
  house: House,
  options: { all?: boolean; filters?: Filters } = {},
): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
  const { all: allFilter = [], ...filters } = options.filters ?? {};
  const unknown = Object.keys(filters).find((key) => !["label", "label!"].includes(key));
  if (unknown) throw new EngineError("invalid", `invalid filter '${unknown}'`, { hint: "known filters: label, label!, all" });
  const all = allFilter.map((value) => isTrue("all", value)).includes(true) || options.all;
  const users = volumeUsers(house);
  const doomed = allVolumes(house).filter(
    (volume) => !users.has(volume.name) && (all || volume.anonymous) && matchesVolume(volume, filters, users),
  );
  let space = 0;
  for (const { name, options: mounted } of doomed) {
    if (Object.keys(mounted).length === 0) space += treeSize(dataOf(house, name));
    await deleteVolume(house, name);
  }
  if (doomed.length > 0) emit(house, "volume", "prune", "", { reclaimed: String(space) });
  return { VolumesDeleted: doomed.map(({ name }) => name), SpaceReclaimed: space };
}
