/** Removes volumes: refused while a container mounts them; the data leaves its place in one rename before it is deleted. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import type { Filters } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { removeTree } from "../process/remove-tree.ts";
import { emit, emitPrune } from "../state/events.ts";
import type { Ground } from "../state/ground.ts";
import { takeLease } from "../state/leases.ts";
import { unmount } from "../sys/libc.ts";
import { treeSize } from "../sys/tree.ts";
import { isTrue, matchesVolume } from "./list.ts";
import { allVolumes, dataOf, directoryOf, findVolume, volumeByName, volumeUsers } from "./records.ts";

/**
 * @param options.force a volume that does not exist is fine
 * @throws EngineError `not-found`, `in-use`
 */
export async function removeVolume(ground: Ground, name: string, options: { force?: boolean } = {}): Promise<void> {
  if (options.force && !volumeByName(ground, name)) return;
  findVolume(ground, name);
  const users = volumeUsers(ground).get(name);
  if (users)
    throw new EngineError("in-use", `remove ${name}: volume is in use - [${users.join(", ")}]`, {
      hint: "remove the containers that use it first",
    });
  await deleteVolume(ground, name);
}

async function deleteVolume(ground: Ground, name: string): Promise<void> {
  unmount(dataOf(ground, name)); // before anything is deleted: a bind or NFS volume is not ours to empty
  const lease = `volume-${process.getBuiltinModule("node:crypto").randomBytes(8).toString("hex")}`;
  using _ = takeLease(ground, "temporary", lease);
  const doomed = join(ground.paths.tmp, lease);
  try {
    renameSync(directoryOf(ground, name), doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  ground.db.run("DELETE FROM volumes WHERE name = ?", name);
  await removeTree(doomed);
  emit(ground, "volume", "destroy", name, { driver: "local" });
}

/** docker: what a volume with options mounts is elsewhere, and how to mount it is what removing would lose. */
const hasDataHere = ({ options }: { options: object }) => Object.keys(options).length === 0;

/**
 * Removes what no container mounts, and what has no options: anonymous volumes, with `all` (or the filter all=true) named ones too.
 * @throws EngineError `invalid` for other filters than `label`, `label!` and `all`
 */
export async function pruneVolumes(
  ground: Ground,
  options: { all?: boolean; filters?: Filters } = {},
): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
  const { all: allFilter = [], ...filters } = options.filters ?? {};
  const unknown = Object.keys(filters).find((key) => !["label", "label!"].includes(key));
  if (unknown) throw new EngineError("invalid", `invalid filter '${unknown}'`, { hint: "known filters: label, label!, all" });
  const all = allFilter.map((value) => isTrue("all", value)).includes(true) || options.all;
  const users = volumeUsers(ground);
  const doomed = allVolumes(ground).filter(
    (volume) => !users.has(volume.name) && (all || volume.anonymous) && hasDataHere(volume) && matchesVolume(volume, filters, users),
  );
  let space = 0;
  for (const { name } of doomed) {
    space += treeSize(dataOf(ground, name));
    await deleteVolume(ground, name);
  }
  if (doomed.length > 0) emitPrune(ground, "volume", space);
  return { VolumesDeleted: doomed.map(({ name }) => name), SpaceReclaimed: space };
}
