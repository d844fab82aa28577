/** The volumes tab. */
import type { VolumeInspect } from "../../engine/index.ts";
import { ago } from "../../src/format/duration.ts";
import { humanSize } from "../../src/format/size.ts";
import { type DetailSection, filesTab, inspectTab, type ResourceView, usedBy } from "./resource.ts";

/** Seconds since the epoch; 0 where its host does not say. */
const created = (row: VolumeInspect) => (row.CreatedAt ? Date.parse(row.CreatedAt) / 1000 : 0);

export const volumes: ResourceView<VolumeInspect> = {
  id: "volumes",
  title: "Volumes",
  key: "3",
  noun: "volume",
  events: ["volume", "container"],
  columns: [
    { header: "NAME", min: 16, grow: 3, value: (row) => row.Name, sort: (row) => row.Name },
    { header: "DRIVER", min: 6, drop: 3, value: (row) => row.Driver },
    { header: "MOUNTPOINT", min: 16, grow: 4, drop: 2, value: (row) => row.Mountpoint, tone: () => "dim" },
    {
      header: "CREATED",
      min: 18,
      content: 18,
      drop: 4,
      value: (row, now) => (row.CreatedAt ? ago(created(row), now) : ""),
      sort: (row) => -created(row),
    },
  ],
  load: (engine) => engine.volumes.list(),
  identify: (row) => row.Name,
  name: (row) => row.Name,
  haystack: (row) =>
    `${row.Name} ${row.Mountpoint} ${Object.entries(row.Labels ?? {})
      .flat()
      .join(" ")}`.toLowerCase(),
  labels: (row) => row.Labels ?? {},
  detail: async (engine, row) => sections(await engine.volumes.inspect(row.Name)),
  tabs: [
    { title: "Used by", read: (engine, row) => usedBy(engine, "volume", ({ Mounts }) => Mounts.some(({ Name }) => Name === row.Name)) },
    filesTab((row) => ({ kind: "volume", ref: row.Name })),
    inspectTab((engine, row) => engine.volumes.inspect(row.Name)),
  ],
  empty: ["No volumes.", "Press <volume.create> to create one; run -v NAME:/path makes one too."],
};

function sections(volume: VolumeInspect): DetailSection[] {
  const facts: [string, string][] = [
    ["Name", volume.Name],
    ["Mountpoint", volume.Mountpoint],
    ["Created", volume.CreatedAt],
  ];
  if (volume.UsageData) facts.push(["Size", humanSize(volume.UsageData.Size)], ["Used by", String(volume.UsageData.RefCount)]);
  const labels = Object.entries(volume.Labels ?? {}).map(([name, value]) => ({ name, value }));
  return [
    { kind: "pairs", title: "", rows: facts },
    ...(labels.length > 0 ? [{ kind: "table" as const, title: "Labels", rows: labels }] : []),
  ];
}
