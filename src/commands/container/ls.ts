/** `berth ps`: list containers. */
import type { ContainerSummary } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet, numberOf, textOf } from "../flag-values.ts";
import { psColumns } from "./ps-columns.ts";

/** What completion offers for --filter. */
const filters = [
  ...["created", "running", "paused", "restarting", "exited", "dead"].map((state) => `status=${state}`),
  ...["healthy", "unhealthy", "starting", "none"].map((health) => `health=${health}`),
  ...["ancestor", "before", "exited", "id", "label", "name", "network", "publish", "since", "volume"].map((key) => `${key}=`),
];

const spec: CommandSpec<ContainerSummary[]> = command({
  summary: "List containers",
  description:
    "Filters: id, name (regular expressions allowed), label, status, exited, ancestor, before, since, volume, network, publish, expose, health. Values of one key are alternatives; different keys must all hold.",
  examples: [
    { line: "berth ps", does: "Show running containers" },
    { line: "berth ps -a --filter status=exited", does: "Show those that ended" },
    { line: "berth ps --format '{{.Names}}: {{.Status}}'", does: "Print a line of your own for each" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Show all containers, not only running ones" },
    { name: "filter", short: "f", type: "list", placeholder: "KEY=VALUE", suggestions: filters, help: "Show only what matches" },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "last", short: "n", type: "number", placeholder: "NUMBER", help: "Show the newest containers, in any state" },
    { name: "latest", short: "l", type: "boolean", help: "Show the newest container, in any state" },
    { name: "no-trunc", type: "boolean", help: "Do not shorten ids and commands" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only ids" },
    { name: "size", short: "s", type: "boolean", help: "Show file sizes" },
  ],
  args: [],
  async *run({ engine }, input) {
    const format = textOf(input, "format");
    if (isSet(input, "quiet") && format)
      yield { type: "warning", text: "Ignoring custom format, because both --format and --quiet are set." };
    const rows = await engine.containers.list({
      all: isSet(input, "all"),
      last: isSet(input, "latest") ? 1 : positive(numberOf(input, "last")),
      size: isSet(input, "size") || (format?.includes(".Size") ?? false),
      filters: filtersOf(input),
    });
    for (const text of await engine.system.troubles()) yield { type: "warning", text };
    return rows;
  },
  blank: [],
  present(rows, input) {
    const columns = psColumns({ noTrunc: isSet(input, "no-trunc"), size: isSet(input, "size") });
    const label = (row: ContainerSummary, key = "") => row.Labels[key] ?? "";
    return {
      kind: "table",
      columns,
      rows,
      format: isSet(input, "quiet") ? undefined : textOf(input, "format"),
      raw: rawRow + (isSet(input, "size") ? "size: {{.Size}}\n" : ""),
      quiet: isSet(input, "quiet"),
      key: "ID",
      methods: { Label: label },
    };
  },
});

/** What `--format raw` writes of a container, and a line for nothing between two. */
const rawRow = `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{.State}}
status: {{.Status}}
names: {{.Names}}
labels: {{.Labels}}
ports: {{.Ports}}
`;

/** docker's default for --last is -1: no limit. */
function positive(last: number | undefined): number | undefined {
  return last !== undefined && last > 0 ? last : undefined;
}

export default spec;
