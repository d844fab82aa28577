/** `berth system df`: disk space that berth uses. */
import type { CacheRecord, ContainerSummary, DiskUsageRow, ImageSummary, VolumeInspect } from "../../../engine/index.ts";
import { totalSize } from "../../format/size.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { detailFields, detailTables } from "./df-details.ts";

export interface DiskUsage {
  Summary: DiskUsageRow[];
  /** With --verbose. */
  Images?: ImageSummary[];
  Containers?: ContainerSummary[];
  Volumes?: VolumeInspect[];
  BuildCache?: CacheRecord[];
}

const spec: CommandSpec<DiskUsage> = command({
  summary: "Show disk usage",
  examples: [
    { line: "berth system df", does: "Print what images, containers, volumes and the build cache take" },
    { line: "berth system df -v", does: "Print it for each of them" },
  ],
  flags: [
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "verbose", short: "v", type: "boolean", help: "Show each image, container, volume and cache record" },
  ],
  args: [],
  async *run({ engine }, input) {
    const Summary = await engine.system.df();
    if (!isSet(input, "verbose")) return { Summary };
    const [Images, Containers, Volumes, BuildCache] = await Promise.all([
      engine.images.list({ all: false }),
      engine.containers.list({ all: true, size: true }),
      engine.volumes.list({ size: true }),
      engine.builder.du(),
    ]);
    return { Summary, Images, Containers, Volumes, BuildCache };
  },
  blank: { Summary: [] },
  present(usage, input) {
    const format = textOf(input, "format");
    if (!isSet(input, "verbose")) return { kind: "table", columns, rows: usage.Summary, format };
    const isTable = format === undefined || format === "table";
    return isTable ? { kind: "text", text: detailTables(usage) } : { kind: "json", values: [detailFields(usage)], format };
  },
});

const columns: Column<DiskUsageRow>[] = [
  { header: "TYPE", field: "Type", value: (row) => row.Type },
  { header: "TOTAL", field: "TotalCount", value: (row) => String(row.TotalCount) },
  { header: "ACTIVE", field: "Active", value: (row) => String(row.Active) },
  { header: "SIZE", field: "Size", value: (row) => totalSize(row.Size) },
  { header: "RECLAIMABLE", field: "Reclaimable", value: reclaimable },
];

function reclaimable({ Reclaimable, Size, Type }: DiskUsageRow): string {
  if (Type === "Build Cache" || Size <= 0) return totalSize(Reclaimable);
  return `${totalSize(Reclaimable)} (${Math.floor((Reclaimable * 100) / Size)}%)`;
}

export default spec;
