/** `berth system prune`: remove what nothing uses. */
import type { Filters, ImageDeleteRow } from "../../../engine/index.ts";
import { humanSize } from "../../format/size.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { filtersOf, isSet } from "../flag-values.ts";

interface Pruned {
  ContainersDeleted: string[];
  NetworksDeleted: string[];
  VolumesDeleted: string[];
  ImagesDeleted: ImageDeleteRow[];
  CachesDeleted: string[];
  SpaceReclaimed: number;
}

const nothing: Pruned = {
  ContainersDeleted: [],
  NetworksDeleted: [],
  VolumesDeleted: [],
  ImagesDeleted: [],
  CachesDeleted: [],
  SpaceReclaimed: 0,
};

const spec: CommandSpec<Pruned> = command({
  name: "system prune",
  group: "system",
  summary: "Remove unused data",
  examples: [
    { line: "berth system prune", does: "Remove stopped containers, unused networks, dangling images and unused build cache" },
    { line: "berth system prune -af --volumes", does: "Remove every image without a container and anonymous volumes too, without asking" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Remove all unused images, not just dangling ones" },
    { name: "filter", type: "list", placeholder: "KEY=VALUE", help: "Remove only what matches: until=TIME, label=KEY[=VALUE]" },
    { name: "force", short: "f", type: "boolean", help: "Do not ask" },
    { name: "volumes", type: "boolean", help: "Remove anonymous volumes too" },
  ],
  args: [],
  async *run({ engine, io }, input) {
    if (!isSet(input, "force") && !(await io.confirm(question(input)))) return nothing;
    const filters: Filters = filtersOf(input);
    // In this order: each step frees what the next may remove.
    const containers = await engine.containers.prune(filters);
    const networks = await engine.networks.prune(filters);
    const volumes = isSet(input, "volumes")
      ? await engine.volumes.prune({ filters: withoutUntil(filters) })
      : { VolumesDeleted: [], SpaceReclaimed: 0 };
    const images = await engine.images.prune({ all: isSet(input, "all"), filters });
    const caches = await engine.builder.prune({ all: isSet(input, "all"), filters });
    const SpaceReclaimed = [containers, volumes, images, caches].reduce((sum, part) => sum + part.SpaceReclaimed, 0);
    return { ...nothing, ...containers, ...networks, ...volumes, ...images, ...caches, SpaceReclaimed };
  },
  present: (pruned) => ({ kind: "lines", lines: report(pruned) }),
});

/** Volumes have no time of last use: docker refuses `until` for them. */
function withoutUntil(filters: Filters): Filters {
  const { until: _, ...others } = filters;
  return others;
}

function question(input: Input): string {
  const parts = ["all stopped containers", "all networks not used by at least one container"];
  if (isSet(input, "volumes")) parts.push("all anonymous volumes not used by at least one container");
  parts.push(
    isSet(input, "all") ? "all images without at least one container associated to them" : "all dangling images",
    "unused build cache",
  );
  return `WARNING! This will remove:\n${parts.map((part) => `  - ${part}\n`).join("")}\nAre you sure you want to continue?`;
}

function report(pruned: Pruned): string[] {
  const images = pruned.ImagesDeleted.map(({ Deleted, Untagged }) => (Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`));
  const sections: [string, string[]][] = [
    ["Deleted Containers:", pruned.ContainersDeleted],
    ["Deleted Networks:", pruned.NetworksDeleted],
    ["Deleted Volumes:", pruned.VolumesDeleted],
    ["Deleted Images:", images],
    ["Deleted build cache objects:", pruned.CachesDeleted],
  ];
  const lines = sections.flatMap(([title, entries]) => (entries.length > 0 ? [title, ...entries, ""] : []));
  return [...lines, `Total reclaimed space: ${humanSize(pruned.SpaceReclaimed)}`];
}

export default spec;
