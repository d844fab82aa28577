/** `berth network ls`: list networks. */
import type { NetworkInspect } from "../../../engine/index.ts";
import { goTime } from "../../format/time.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { labelsText } from "../container/ps-columns.ts";
import { filtersOf, isSet, textOf } from "../flag-values.ts";

const columns = (noTrunc: boolean): Column<NetworkInspect>[] => [
  { header: "NETWORK ID", field: "ID", value: ({ Id }) => (noTrunc ? Id : Id.slice(0, 12)) },
  { header: "NAME", field: "Name", value: ({ Name }) => Name },
  { header: "DRIVER", field: "Driver", value: ({ Driver }) => Driver },
  { header: "SCOPE", field: "Scope", value: ({ Scope }) => Scope },
  { header: "IPV4", field: "IPv4", hidden: true, value: ({ EnableIPv4 }) => String(EnableIPv4) },
  { header: "IPV6", field: "IPv6", hidden: true, value: ({ EnableIPv6 }) => String(EnableIPv6) },
  { header: "INTERNAL", field: "Internal", hidden: true, value: ({ Internal }) => String(Internal) },
  { header: "LABELS", field: "Labels", hidden: true, value: ({ Labels }) => labelsText(Labels) },
  { header: "CREATED AT", field: "CreatedAt", hidden: true, value: ({ Created }) => goTime(Created) },
];

const spec: CommandSpec<NetworkInspect[]> = command({
  summary: "List networks",
  description:
    "Filters: id, name, driver, scope, type (custom or builtin), label, dangling. Values of one key are alternatives; different keys must all hold.",
  examples: [
    { line: "berth network ls", does: "Show all networks" },
    { line: "berth network ls -f type=custom -q", does: "Print the ids of those that were made by hand" },
  ],
  flags: [
    { name: "filter", short: "f", type: "list", placeholder: "KEY=VALUE", help: "Show only what matches" },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "no-trunc", type: "boolean", help: "Do not shorten ids" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only ids" },
  ],
  args: [],
  async *run({ engine }, input) {
    const rows = await engine.networks.list({ filters: filtersOf(input) });
    for (const text of await engine.system.troubles()) yield { type: "warning", text };
    return rows;
  },
  blank: [],
  present(rows, input) {
    const label = (row: NetworkInspect, key = "") => row.Labels[key] ?? "";
    return {
      kind: "table",
      columns: columns(isSet(input, "no-trunc")),
      rows,
      format: textOf(input, "format"),
      raw: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
      quiet: isSet(input, "quiet"),
      key: "ID",
      methods: { Label: label },
    };
  },
});

export default spec;
