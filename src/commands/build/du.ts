/** `berth builder du`: what the build cache takes. */
import type { CacheRecord } from "../../../engine/index.ts";
import { humanSize } from "../../format/size.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet, textOf } from "../flag-values.ts";

const spec: CommandSpec<CacheRecord[]> = command({
  summary: "Show the disk usage of the build cache",
  examples: [{ line: "berth builder du --filter unused-for=24h", does: "List the records that no build used for a day" }],
  flags: [
    {
      name: "filter",
      type: "list",
      placeholder: "KEY=VALUE",
      help: "Show only what matches: until=AGE, unused-for=AGE, id=…, type=…, description=…, shared=true",
    },
    { name: "verbose", short: "v", type: "boolean", help: "Show all that is known of each record, and the builder's own notes too" },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
  ],
  args: [],
  async *run({ engine }, input) {
    const filters = filtersOf(input);
    const records = await engine.builder.du(filters);
    // Notes of the builder (digests of files, findings) weigh nothing: shown when asked for.
    const all = isSet(input, "verbose") || filters["type"] !== undefined;
    return all ? records : records.filter(({ Type }) => Type !== "internal");
  },
  blank: [],
  present(records, input) {
    if (isSet(input, "verbose")) return { kind: "lines", lines: [...records.flatMap(describe), ...totals(records)] };
    return { kind: "table", columns, rows: records, format: textOf(input, "format") };
  },
});

const reclaimable = ({ InUse, Shared }: CacheRecord) => !InUse && !Shared;

function describe(record: CacheRecord): string[] {
  const rows: [string, string][] = [
    ["ID", record.ID],
    ["Created at", record.CreatedAt],
    ["Mutable", String(record.Type === "exec.cachemount")],
    ["Reclaimable", String(reclaimable(record))],
    ["Shared", String(record.Shared)],
    ["Size", humanSize(record.Size)],
    ["Description", record.Description],
    ["Usage count", String(record.UsageCount)],
    ["Last used", record.LastUsedAt],
    ["Type", record.Type],
  ];
  return [...rows.map(([label, value]) => `${`${label}:`.padEnd(15)}${value}`), ""];
}

function totals(records: readonly CacheRecord[]): string[] {
  const sum = (some: readonly CacheRecord[]) => humanSize(some.reduce((total, { Size }) => total + Size, 0));
  return [`${"Reclaimable:".padEnd(15)}${sum(records.filter(reclaimable))}`, `${"Total:".padEnd(15)}${sum(records)}`];
}

const columns: Column<CacheRecord>[] = [
  { header: "ID", field: "ID", value: (record) => record.ID },
  { header: "RECLAIMABLE", field: "Reclaimable", value: (record) => String(reclaimable(record)) },
  { header: "SIZE", field: "Size", value: (record) => humanSize(record.Size) },
  { header: "LAST ACCESSED", field: "LastUsedAt", value: (record) => record.LastUsedAt },
  { header: "DESCRIPTION", field: "Description", value: (record) => record.Description },
];

export default spec;
