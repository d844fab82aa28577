/** `berth builder prune`: remove build cache. */
import { totalSize } from "../../format/size.ts";
import { type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet, numberOf } from "../flag-values.ts";

interface Pruned {
  CachesDeleted: string[];
  SpaceReclaimed: number;
}

const spec: CommandSpec<Pruned> = command({
  summary: "Remove build cache",
  examples: [
    { line: "berth builder prune -f", does: "Remove what no image uses, without asking" },
    { line: "berth builder prune -af --keep-storage 1g", does: "Remove the least recently used records until 1 GiB is left" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Forget what images use, too" },
    {
      name: "filter",
      type: "list",
      placeholder: "KEY=VALUE",
      help: "Remove only what matches: until=AGE, unused-for=AGE, id=…, type=…, description=…",
    },
    { name: "force", short: "f", type: "boolean", help: "Do not ask" },
    { name: "keep-storage", type: "bytes", placeholder: "BYTES", help: "Keep this much of the most recently used" },
  ],
  args: [],
  async *run({ engine, io }, input) {
    const what = isSet(input, "all") ? "all build cache" : "all dangling build cache";
    const question = `WARNING! This will remove ${what}.\nAre you sure you want to continue?`;
    if (!isSet(input, "force") && !(await io.confirm(question))) return { CachesDeleted: [], SpaceReclaimed: 0 };
    const keepStorage = numberOf(input, "keep-storage");
    return engine.builder.prune({
      all: isSet(input, "all"),
      filters: filtersOf(input),
      ...(keepStorage === undefined ? {} : { keepStorage }),
    });
  },
  present({ CachesDeleted, SpaceReclaimed }) {
    const deleted = CachesDeleted.length > 0 ? ["Deleted build cache objects:", ...CachesDeleted, ""] : [];
    return { kind: "lines", lines: [...deleted, `Total reclaimed space: ${totalSize(SpaceReclaimed)}`] };
  },
});

export default spec;
