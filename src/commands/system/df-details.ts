/** The tables of `system df -v`. Pure. */

import { goQuote } from "../../../engine/go-quote.ts";
import type { CacheRecord, ContainerSummary, ImageSummary, VolumeInspect } from "../../../engine/index.ts";
import { ago } from "../../format/duration.ts";
import { fieldsOf } from "../../format/rows.ts";
import { humanSize, totalSize } from "../../format/size.ts";
import { renderTable } from "../../format/table.ts";
import { goTime } from "../../format/time.ts";
import type { Column } from "../command.ts";
import { ellipsis, namesText, psColumns } from "../container/ps-columns.ts";
import { imageLines, imageColumns as imageListColumns } from "../image/image-rows.ts";
import { volumeColumns as volumeListColumns } from "../volume/ls.ts";
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
  { header: "COMMAND", field: "Command", value: (row) => goQuote(ellipsis(row.Command, 20)) },
  { header: "LOCAL VOLUMES", field: "LocalVolumes", value: (row) => String(row.Mounts.filter((mount) => mount.Type === "volume").length) },
  { header: "SIZE", field: "Size", value: (row) => humanSize(row.SizeRw ?? 0) },
  { header: "CREATED", field: "RunningFor", value: (row) => ago(row.Created) },
  { header: "STATUS", field: "Status", value: (row) => row.Status },
  { header: "NAMES", field: "Names", value: (row) => namesText(row) },
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

const none: ImageSummary["RepoTags"] = ["<none>:<none>"];
const tagged = (images: readonly ImageSummary[]) =>
  images.flatMap((image) => (image.RepoTags.length > 0 ? image.RepoTags : none).map((tag) => ({ image, tag })));

/** The four sections as `--format` names them: rows with the fields of the lists of these things, and nothing shortened. */
export function detailFields({ Images = [], Containers = [], Volumes = [], BuildCache = [] }: DiskUsage): object {
  const rows = <Row>(columns: readonly Column<Row>[], all: readonly Row[]) =>
    all.map((row) => fieldsOf(columns as readonly Column<unknown>[], row));
  const wide = (column: Column<CacheRecord>) =>
    column.field === "ID" ? { ...column, value: ({ ID, InUse }: CacheRecord) => ID + (InUse ? "*" : "") } : column;
  return {
    Images: rows(imageListColumns({ noTrunc: true }), imageLines(Images)),
    Containers: rows(psColumns({ noTrunc: true }), Containers),
    Volumes: rows(volumeListColumns, Volumes),
    BuildCache: rows([...cacheColumns.map(wide), ...cacheFields], BuildCache),
  };
}

/** Those that a table has no room for. */
const cacheFields: Column<CacheRecord>[] = [
  { header: "CREATED AT", field: "CreatedAt", value: (row) => goTime(row.CreatedAt) },
  { header: "LAST USED AT", field: "LastUsedAt", value: (row) => (row.LastUsedAt ? goTime(row.LastUsedAt) : "") },
  { header: "DESCRIPTION", field: "Description", value: (row) => row.Description },
  { header: "PARENT", field: "Parent", value: (row) => row.Parents.join(", ") },
  { header: "IN USE", field: "InUse", value: (row) => String(row.InUse) },
];

/** Docker's four sections. */
export function detailTables({ Images = [], Containers = [], Volumes = [], BuildCache = [] }: DiskUsage): string {
  const cache = BuildCache.reduce((sum, record) => sum + record.Size, 0);
  return [
    `Images space usage:\n\n${renderTable(imageColumns, tagged(Images))}`,
    `Containers space usage:\n\n${renderTable(containerColumns, Containers)}`,
    `Local Volumes space usage:\n\n${renderTable(volumeColumns, Volumes)}`,
    `Build cache usage: ${totalSize(cache)}\n\n${renderTable(cacheColumns, BuildCache)}`,
  ].join("\n");
}
