/** `berth network prune`: remove all unused networks. */
import { parseTime } from "../../format/time.ts";
import { type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet } from "../flag-values.ts";

const spec: CommandSpec<{ NetworksDeleted: string[] }> = command({
  summary: "Remove all unused networks",
  examples: [{ line: "berth network prune -f", does: "Remove those that no running container is connected to, without asking" }],
  flags: [
    { name: "filter", type: "list", placeholder: "KEY=VALUE", help: "Remove only what matches: until=TIME, label=KEY[=VALUE], label!=…" },
    { name: "force", short: "f", type: "boolean", help: "Do not ask" },
  ],
  args: [],
  async *run({ engine, io }, input) {
    const question =
      "WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?";
    const { until, ...filters } = filtersOf(input);
    if (until) filters["until"] = until.map((text) => String(parseTime(text, "filter")));
    if (!isSet(input, "force") && !(await io.confirm(question))) return { NetworksDeleted: [] };
    return engine.networks.prune(filters);
  },
  present: ({ NetworksDeleted }) =>
    NetworksDeleted.length > 0 ? { kind: "lines", lines: ["Deleted Networks:", ...NetworksDeleted, ""] } : { kind: "none" },
});

export default spec;
