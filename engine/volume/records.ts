/** The volumes room's rows, where a volume lies on disk, and who uses it. */
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import { damage, parseColumn } from "../state/column.ts";
import type { Ground } from "../state/ground.ts";
import { keepsakeOf, writeKeepsake } from "../state/keepsake.ts";
import type { ContainerMounts } from "../state/lent.ts";
import { sortKeys } from "../state/sorted.ts";
import type { VolumeInspect } from "./index.ts";

export interface VolumeRecord {
  name: string;
  anonymous: boolean;
  labels: Record<string, string>;
  options: Record<string, string>;
  /** A column that cannot be read, and is empty here: what the volume mounts is not known. */
  damage?: string;
  /** Milliseconds since the epoch. */
  created: number;
}

type Row = { name: string; anonymous: number; labels: string; options: string; created: number };

function fromRow(ground: Ground, row: Row): VolumeRecord {
  const [labels, options] = [row.labels, row.options].map((text) => parseColumn<Record<string, string>>(text, {}));
  const column = labels ? (options ? undefined : "options") : "labels";
  if (column) ground.unreadable.add(`${damage("volume", row.name, column)}; remove it with 'berth volume rm ${row.name}'`);
  return { ...row, anonymous: row.anonymous === 1, labels: labels ?? {}, options: options ?? {}, ...(column && { damage: column }) };
}

export function volumeByName(ground: Ground, name: string): VolumeRecord | undefined {
  const row = ground.db.get<Row>("SELECT * FROM volumes WHERE name = ?", name);
  return row && fromRow(ground, row);
}

/** @throws EngineError `not-found`: volumes have no ids, only whole names, as docker */
export function findVolume(ground: Ground, name: string): VolumeRecord {
  const found = volumeByName(ground, name);
  if (!found) throw new EngineError("not-found", `get ${name}: no such volume`, { hint: "list the volumes with 'berth volume ls'" });
  return found;
}

export function allVolumes(ground: Ground): VolumeRecord[] {
  return ground.db.all<Row>("SELECT * FROM volumes ORDER BY name").map((row) => fromRow(ground, row));
}

/** Its directory is there. */
export function keepVolume(ground: Ground, volume: VolumeRecord): void {
  writeKeepsake(keepsakeOf.volume(ground, volume.name), rowOf(volume));
}

const rowOf = ({ name, anonymous, labels, options, created }: VolumeRecord) => ({
  ...{ name, anonymous: anonymous ? 1 : 0, created },
  ...{ labels: JSON.stringify(labels), options: JSON.stringify(options) },
});

/** Records a volume unless one of the name exists; true when it is new. */
export function insertVolume(ground: Ground, volume: VolumeRecord): boolean {
  return ground.db.insert("volumes", rowOf(volume), "OR IGNORE") > 0;
}

/** ROOT/volumes/NAME */
export const directoryOf = (ground: Ground, name: string): string => join(ground.paths.volumes, name);
/** ROOT/volumes/NAME/_data */
export const dataOf = (ground: Ground, name: string): string => join(directoryOf(ground, name), "_data");

/** Ids of the containers that mount each volume, by volume name; one that is removed with its volumes holds none any more. */
export function volumeUsers(ground: Ground): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { id, mounts } of ground.lent.containers.mounts())
    for (const name of namesIn(ground, mounts)) users.set(name, [...(users.get(name) ?? []), id]);
  return users;
}

/** Another container runs with the volume, or is being started. */
export function isInUse(ground: Ground, volume: string, except: string): boolean {
  const others = ground.lent.containers.mountsInUse({ starting: true }).filter(({ id }) => id !== except);
  return others.some(({ mounts }) => namesIn(ground, mounts).includes(volume));
}

/** The volume is a mount of its own, by its driver's options, and not a plain directory. */
export function hasOwnMount(ground: Ground, name: string): boolean {
  return Object.keys(volumeByName(ground, name)?.options ?? {}).length > 0;
}

/** The volumes of a container's mounts; of mounts that cannot be read, all there are: rather kept than lost. */
function namesIn(ground: Ground, mounts: ContainerMounts["mounts"]): string[] {
  if (!mounts) return allVolumes(ground).map(({ name }) => name);
  return mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name ? [Name] : []));
}

/** Members in docker's order. */
export function inspectOf(ground: Ground, volume: VolumeRecord): VolumeInspect {
  return {
    CreatedAt: new Date(volume.created).toISOString().replace(/\.\d+Z$/, "Z"),
    Driver: "local",
    Labels: orNull(volume.labels),
    Mountpoint: dataOf(ground, volume.name),
    Name: volume.name,
    Options: orNull(volume.options),
    Scope: "local",
  };
}

/** As docker writes a map that nobody gave. */
function orNull(map: Record<string, string>): Record<string, string> | null {
  return Object.keys(map).length > 0 ? sortKeys(map) : null;
}
