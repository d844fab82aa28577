/** `berth system prune`: remove what nothing uses. */
import { EngineError } from "../../../engine/errors.ts";
import type { Filters, ImageDeleteRow } from "../../../engine/index.ts";
import { totalSize } from "../../format/size.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { filtersOf, isSet, listOf } from "../flag-values.ts";

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

const spec: CommandSpec<Pruned | undefined> = command<Pruned | undefined>({
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
    const filters: Filters = filtersOf(input);
    if (isSet(input, "volumes") && filters["until"])
      throw new EngineError("usage", 'the "until" filter is not supported with "--volumes"', { exit: 1 });
    if (!isSet(input, "force") && !(await io.confirm(question(input)))) return undefined;
    // In this order: each step frees what the next may remove.
    const containers = await engine.containers.prune(filters);
    const networks = await engine.networks.prune(filters);
    const volumes = isSet(input, "volumes") ? await engine.volumes.prune({ filters }) : { VolumesDeleted: [], SpaceReclaimed: 0 };
    const images = await engine.images.prune({ all: isSet(input, "all"), filters });
    const caches = await engine.builder.prune({ all: isSet(input, "all"), filters });
    const SpaceReclaimed = [containers, volumes, images, caches].reduce((sum, part) => sum + part.SpaceReclaimed, 0);
    return { ...nothing, ...containers, ...networks, ...volumes, ...images, ...caches, SpaceReclaimed };
  },
  present: (pruned) => (pruned ? { kind: "lines", lines: report(pruned) } : { kind: "none" }),
});

function question(input: Input): string {
  const parts = ["all stopped containers", "all networks not used by at least one container"];
  if (isSet(input, "volumes")) parts.push("all anonymous volumes not used by at least one container");
  parts.push(
    isSet(input, "all") ? "all images without at least one container associated to them" : "all dangling images",
    isSet(input, "all") ? "all build cache" : "unused build cache",
  );
  const items = (words: readonly string[]) => words.map((word) => `  - ${word}\n`).join("");
  const filters = listOf(input, "filter");
  const filtered = filters.length > 0 ? `\n  Items to be pruned will be filtered with:\n${items(filters)}` : "";
  return `WARNING! This will remove:\n${items(parts)}${filtered}\nAre you sure you want to continue?`;
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
  return [...lines, `Total reclaimed space: ${totalSize(pruned.SpaceReclaimed)}`];
}

export default spec;
