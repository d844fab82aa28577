/** `berth builder du`: what the build cache takes. */
import type { CacheRecord } from "../../../engine/index.ts";
import { humanSize } from "../../format/size.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { filtersOf, textOf } from "../flag-values.ts";

const spec: CommandSpec<CacheRecord[]> = command({
  name: "builder du",
  aliases: ["buildx du"],
  group: "builder",
  summary: "Show the disk usage of the build cache",
  examples: [{ line: "berth builder du --filter unused-for=24h", does: "List the records that no build used for a day" }],
  flags: [
    {
      name: "filter",
      type: "list",
      placeholder: "KEY=VALUE",
      help: "Show only what matches: until=AGE, unused-for=AGE, id=…, type=…, description=…, shared=true",
    },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
  ],
  args: [],
  async *run({ engine }, input) {
    return engine.builder.du(filtersOf(input));
  },
  present(records, input) {
    return { kind: "table", columns, rows: records, format: textOf(input, "format") };
  },
});

const columns: Column<CacheRecord>[] = [
  { header: "ID", field: "ID", value: (record) => record.ID },
  { header: "RECLAIMABLE", field: "Reclaimable", value: (record) => String(!record.InUse && !record.Shared) },
  { header: "SIZE", field: "Size", value: (record) => humanSize(record.Size) },
  { header: "LAST ACCESSED", field: "LastUsedAt", value: (record) => record.LastUsedAt },
  { header: "DESCRIPTION", field: "Description", value: (record) => record.Description },
];

export default spec;
