/** The tables of `system df -v`. Pure. */
import type { CacheRecord, ContainerSummary, ImageSummary, VolumeInspect } from "../../../engine/index.ts";
import { ago } from "../../format/duration.ts";
import { humanSize, totalSize } from "../../format/size.ts";
import { renderTable } from "../../format/table.ts";
import type { Column } from "../command.ts";
import type { DiskUsage } from "./df.ts";

const seconds = (time: string) => Date.parse(time) / 1000;

/** "name:5000/x:tag" → ["name:5000/x", "tag"] */
function splitTag(reference: string): [string, string] {
  const colon = reference.lastIndexOf(":");
  return colon > reference.lastIndexOf("/") ? [reference.slice(0, colon), reference.slice(colon + 1)] : [reference, "<none>"];
}

const imageColumns: Column<{ image: ImageSummary; tag: string }>[] = [
  { header: "REPOSITORY", field: "Repository", value: ({ tag }) => splitTag(tag)[0] },
  { header: "TAG", field: "Tag", value: ({ tag }) => splitTag(tag)[1] },
  { header: "IMAGE ID", field: "ID", value: ({ image }) => image.Id.replace("sha256:", "").slice(0, 12) },
  { header: "CREATED", field: "CreatedSince", value: ({ image }) => ago(image.Created) },
  { header: "SIZE", field: "Size", value: ({ image }) => humanSize(image.Size) },
  { header: "SHARED SIZE", field: "SharedSize", value: ({ image }) => totalSize(Math.max(0, image.SharedSize)) },
  { header: "UNIQUE SIZE", field: "UniqueSize", value: ({ image }) => totalSize(image.Size - Math.max(0, image.SharedSize)) },
  { header: "CONTAINERS", field: "Containers", value: ({ image }) => String(image.Containers) },
];

const containerColumns: Column<ContainerSummary>[] = [
  { header: "CONTAINER ID", field: "ID", value: (row) => row.Id.slice(0, 12) },
  { header: "IMAGE", field: "Image", value: (row) => row.Image },
  { header: "COMMAND", field: "Command", value: (row) => `"${row.Command.length > 20 ? `${row.Command.slice(0, 19)}…` : row.Command}"` },
  { header: "LOCAL VOLUMES", field: "LocalVolumes", value: (row) => String(row.Mounts.filter((mount) => mount.Type === "volume").length) },
  { header: "SIZE", field: "Size", value: (row) => humanSize(row.SizeRw ?? 0) },
  { header: "CREATED", field: "RunningFor", value: (row) => ago(row.Created) },
  { header: "STATUS", field: "Status", value: (row) => row.Status },
  { header: "NAMES", field: "Names", value: (row) => row.Names.map((name) => name.replace(/^\//, "")).join(",") },
];

const volumeColumns: Column<VolumeInspect>[] = [
  { header: "VOLUME NAME", field: "Name", value: (row) => row.Name },
  { header: "LINKS", field: "Links", value: (row) => String(row.UsageData?.RefCount ?? 0) },
  { header: "SIZE", field: "Size", value: (row) => totalSize(row.UsageData?.Size ?? 0) },
];

const cacheColumns: Column<CacheRecord>[] = [
  { header: "CACHE ID", field: "ID", value: (row) => row.ID.slice(0, 12) },
  { header: "CACHE TYPE", field: "CacheType", value: (row) => row.Type },
  { header: "SIZE", field: "Size", value: (row) => totalSize(row.Size) },
  { header: "CREATED", field: "CreatedSince", value: (row) => ago(seconds(row.CreatedAt)) },
  { header: "LAST USED", field: "LastUsedSince", value: (row) => (row.LastUsedAt ? ago(seconds(row.LastUsedAt)) : "") },
  { header: "USAGE", field: "UsageCount", value: (row) => String(row.UsageCount) },
  { header: "SHARED", field: "Shared", value: (row) => String(row.Shared) },
];

/** Docker's four sections. */
export function detailTables({ Images = [], Containers = [], Volumes = [], BuildCache = [] }: DiskUsage): string {
  const tagged = Images.flatMap((image) => (image.RepoTags.length > 0 ? image.RepoTags : ["<none>:<none>"]).map((tag) => ({ image, tag })));
  const cache = BuildCache.reduce((sum, record) => sum + record.Size, 0);
  return [
    `Images space usage:\n\n${renderTable(imageColumns, tagged)}`,
    `Containers space usage:\n\n${renderTable(containerColumns, Containers)}`,
    `Local Volumes space usage:\n\n${renderTable(volumeColumns, Volumes)}`,
    `Build cache usage: ${totalSize(cache)}\n\n${renderTable(cacheColumns, BuildCache)}`,
  ].join("\n");
}
