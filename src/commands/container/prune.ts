/** `berth container prune`: remove all stopped containers. */
import { totalSize } from "../../format/size.ts";
import { type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet } from "../flag-values.ts";

interface Pruned {
  ContainersDeleted: string[];
  SpaceReclaimed: number;
}

const spec: CommandSpec<Pruned | undefined> = command<Pruned | undefined>({
  summary: "Remove all stopped containers",
  examples: [
    { line: "berth container prune -f --filter until=24h", does: "Remove those that were created more than a day ago, without asking" },
  ],
  flags: [
    { name: "filter", type: "list", placeholder: "KEY=VALUE", help: "Remove only what matches: until=TIME, label=KEY[=VALUE], label!=…" },
    { name: "force", short: "f", type: "boolean", help: "Do not ask" },
  ],
  args: [],
  async *run({ engine, io }, input) {
    const question = "WARNING! This will remove all stopped containers.\nAre you sure you want to continue?";
    if (!isSet(input, "force") && !(await io.confirm(question))) return undefined;
    return engine.containers.prune(filtersOf(input));
  },
  present(pruned) {
    if (!pruned) return { kind: "none" };
    const { ContainersDeleted, SpaceReclaimed } = pruned;
    const deleted = ContainersDeleted.length > 0 ? ["Deleted Containers:", ...ContainersDeleted, ""] : [];
    return { kind: "lines", lines: [...deleted, `Total reclaimed space: ${totalSize(SpaceReclaimed)}`] };
  },
});

export default spec;
