/** `berth volume prune`: remove unused volumes. */
import { totalSize } from "../../format/size.ts";
import { type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet } from "../flag-values.ts";

const spec: CommandSpec<{ VolumesDeleted: string[]; SpaceReclaimed: number }> = command({
  summary: "Remove unused anonymous volumes",
  examples: [
    { line: "berth volume prune -f", does: "Remove anonymous volumes that no container mounts, without asking" },
    { line: "berth volume prune -a --filter label!=keep", does: "Remove named ones too, unless they carry a label" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Remove named volumes too" },
    { name: "filter", type: "list", placeholder: "KEY=VALUE", help: "Remove only what matches: label=KEY[=VALUE], label!=…" },
    { name: "force", short: "f", type: "boolean", help: "Do not ask" },
  ],
  args: [],
  async *run({ engine, io }, input) {
    const all = isSet(input, "all");
    const question = `WARNING! This will remove ${all ? "all" : "anonymous"} local volumes not used by at least one container.\nAre you sure you want to continue?`;
    if (!isSet(input, "force") && !(await io.confirm(question))) return { VolumesDeleted: [], SpaceReclaimed: 0 };
    return engine.volumes.prune({ all, filters: filtersOf(input) });
  },
  present({ VolumesDeleted, SpaceReclaimed }) {
    const deleted = VolumesDeleted.length > 0 ? ["Deleted Volumes:", ...VolumesDeleted, ""] : [];
    return { kind: "lines", lines: [...deleted, `Total reclaimed space: ${totalSize(SpaceReclaimed)}`] };
  },
});

export default spec;
