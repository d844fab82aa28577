/** `berth system df`: what each kind of thing takes on disk, and what of it no container needs. */
import type { Builder } from "../build/index.ts";
import type { Containers } from "../container/index.ts";
import { imagesOfContainers } from "../container/record/index.ts";
import { imageUsage } from "../image/store/index.ts";
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

function images(ground: Ground): DiskUsageRow {
  const all = imageUsage(ground);
  const used = imageUsage(ground, imagesOfContainers(ground));
  return { Type: "Images", TotalCount: all.count, Active: used.count, Size: all.size, Reclaimable: all.size - used.size };
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
