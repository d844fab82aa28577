/** `berth image prune`: remove unused images. */
import type { ImageDeleteRow } from "../../../engine/index.ts";
import { totalSize } from "../../format/size.ts";
import { type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet } from "../flag-values.ts";

interface Pruned {
  ImagesDeleted: ImageDeleteRow[];
  SpaceReclaimed: number;
}

const spec: CommandSpec<Pruned | undefined> = command<Pruned | undefined>({
  summary: "Remove unused images",
  examples: [
    { line: "berth image prune -f", does: "Remove images without a name, without asking" },
    { line: "berth image prune -a --filter until=240h", does: "Remove all that no container uses and that are older than ten days" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Remove all images that no container uses, not only those without a name" },
    { name: "filter", type: "list", placeholder: "KEY=VALUE", help: "Remove only what matches: until=TIME, label=KEY[=VALUE], label!=…" },
    { name: "force", short: "f", type: "boolean", help: "Do not ask" },
  ],
  args: [],
  async *run({ engine, io }, input) {
    const all = isSet(input, "all");
    const what = all ? "all images without at least one container associated to them" : "all dangling images";
    const question = `WARNING! This will remove ${what}.\nAre you sure you want to continue?`;
    if (!isSet(input, "force") && !(await io.confirm(question))) return undefined;
    return engine.images.prune({ all, filters: filtersOf(input) });
  },
  present(pruned) {
    if (!pruned) return { kind: "none" };
    const { ImagesDeleted, SpaceReclaimed } = pruned;
    const deleted = ImagesDeleted.map((row) => (row.Untagged ? `untagged: ${row.Untagged}` : `deleted: ${row.Deleted}`));
    return {
      kind: "lines",
      lines: [...(deleted.length > 0 ? ["Deleted Images:", ...deleted, ""] : []), `Total reclaimed space: ${totalSize(SpaceReclaimed)}`],
    };
  },
});

export default spec;
