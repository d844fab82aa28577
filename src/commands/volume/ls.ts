/** `berth volume ls`: list volumes. */
import type { VolumeInspect } from "../../../engine/index.ts";
import { humanSize } from "../../format/size.ts";
import { type Column, type CommandSpec, command, type Input, type Presentation } from "../command.ts";
import { labelsText } from "../container/ps-columns.ts";
import { filtersOf, isSet, textOf } from "../flag-values.ts";

/** What only docker's cluster volumes have. */
const ofClusters: Column<VolumeInspect>[] = ["Availability", "Group", "Status"].map((field) => ({
  header: field.toUpperCase(),
  field,
  hidden: true,
  value: () => "N/A",
}));

/** Docker's columns and formatter fields. */
export const volumeColumns: Column<VolumeInspect>[] = [
  { header: "DRIVER", field: "Driver", value: ({ Driver }) => Driver },
  { header: "VOLUME NAME", field: "Name", value: ({ Name }) => Name },
  { header: "SCOPE", field: "Scope", hidden: true, value: ({ Scope }) => Scope },
  { header: "MOUNTPOINT", field: "Mountpoint", hidden: true, value: ({ Mountpoint }) => Mountpoint },
  { header: "LABELS", field: "Labels", hidden: true, value: ({ Labels }) => labelsText(Labels) },
  { header: "LINKS", field: "Links", hidden: true, value: ({ UsageData }) => (UsageData ? String(UsageData.RefCount) : "N/A") },
  { header: "SIZE", field: "Size", hidden: true, value: ({ UsageData }) => (UsageData ? humanSize(UsageData.Size) : "N/A") },
  ...ofClusters,
];

/** Docker's list of volumes, by `--format` and `--quiet`. */
export function volumeTable(rows: VolumeInspect[], input: Input): Presentation {
  return {
    kind: "table",
    columns: volumeColumns,
    rows,
    format: textOf(input, "format"),
    raw: "name: {{.Name}}\ndriver: {{.Driver}}\n",
    quiet: isSet(input, "quiet"),
    key: "Name",
    methods: { Label: (row: VolumeInspect, key = "") => row.Labels?.[key] ?? "" },
  };
}

const spec: CommandSpec<VolumeInspect[]> = command({
  summary: "List volumes",
  description: "Filters: name, label, driver, dangling. Values of one key are alternatives; different keys must all hold.",
  examples: [
    { line: "berth volume ls", does: "Show all volumes" },
    { line: "berth volume ls -q -f dangling=true", does: "Print the names of those that no container mounts" },
  ],
  flags: [
    { name: "filter", short: "f", type: "list", placeholder: "KEY=VALUE", help: "Show only what matches" },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only names" },
  ],
  args: [],
  async *run({ engine }, input) {
    const size = /\.(Size|Links)\b/.test(textOf(input, "format") ?? "");
    const rows = await engine.volumes.list({ filters: filtersOf(input), size });
    for (const text of await engine.system.troubles()) yield { type: "warning", text };
    return rows;
  },
  blank: [],
  present: volumeTable,
});

export default spec;
