/** `berth system df`: what each kind of thing takes on disk, and what of it no container needs. */
import type { Builder } from "../build/index.ts";
import type { Containers } from "../container/index.ts";
import type { Ground } from "../state/ground.ts";
import type { Volumes } from "../volume/index.ts";
import type { DiskUsageRow } from "./index.ts";

/** The rooms whose things take space. */
export interface UsageSources {
  containers: Pick<Containers, "list">;
  volumes: Pick<Volumes, "list">;
  builder: Pick<Builder, "du">;
}

export async function diskUsage(ground: Ground, rooms: UsageSources): Promise<DiskUsageRow[]> {
  return [images(ground), await containers(rooms), await volumes(rooms), await buildCache(rooms)];
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Bytes of the layers under some chain ids, each layer counted once however many images share it. */
const layersBelow = (chains: string) => `
  WITH RECURSIVE below (chain) AS (
    ${chains} UNION SELECT layers.parent FROM layers JOIN below ON layers.chain_id = below.chain WHERE layers.parent <> ''
  ) SELECT coalesce(sum(size), 0) AS size FROM layers WHERE chain_id IN (SELECT chain FROM below)`;

function images({ db }: Ground): DiskUsageRow {
  const size = (sql: string) => db.get<{ size: number }>(sql)?.size ?? 0;
  const total = size(layersBelow("SELECT chain_id FROM images"));
  const used = size(layersBelow("SELECT chain_id FROM images WHERE id IN (SELECT image FROM containers)"));
  const count = (sql: string) => db.get<{ count: number }>(sql)?.count ?? 0;
  return {
    Type: "Images",
    TotalCount: count("SELECT count(*) AS count FROM images"),
    Active: count("SELECT count(*) AS count FROM images WHERE id IN (SELECT image FROM containers)"),
    Size: total,
    Reclaimable: total - used,
  };
}

async function containers(rooms: UsageSources): Promise<DiskUsageRow> {
  const all = await rooms.containers.list({ all: true, size: true });
  const active = all.filter(({ State }) => State === "running" || State === "paused" || State === "restarting");
  const bytes = (list: typeof all) => sum(list.map(({ SizeRw }) => SizeRw ?? 0));
  return { Type: "Containers", TotalCount: all.length, Active: active.length, Size: bytes(all), Reclaimable: bytes(all) - bytes(active) };
}

async function volumes(rooms: UsageSources): Promise<DiskUsageRow> {
  const all = await rooms.volumes.list({ size: true });
  const active = all.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) > 0);
  const bytes = (list: typeof all) => sum(list.map(({ UsageData }) => UsageData?.Size ?? 0));
  return {
    Type: "Local Volumes",
    TotalCount: all.length,
    Active: active.length,
    Size: bytes(all),
    Reclaimable: bytes(all) - bytes(active),
  };
}

async function buildCache(rooms: UsageSources): Promise<DiskUsageRow> {
  const all = await rooms.builder.du();
  // A record that shares its layer with an image takes no space of its own.
  const own = all.filter(({ Shared }) => !Shared);
  const idle = own.filter(({ InUse }) => !InUse);
  return {
    Type: "Build Cache",
    TotalCount: all.length,
    Active: all.filter(({ InUse }) => InUse).length,
    Size: sum(own.map(({ Size }) => Size)),
    Reclaimable: sum(idle.map(({ Size }) => Size)),
  };
}
