/** Lists and inspects volumes: docker's filters, use counts, sizes on demand. */
import type { Filters } from "../docker.ts";
import { EngineError } from "../errors.ts";
import type { Ground } from "../state/ground.ts";
import { hasLabel, matchesPattern } from "../state/matching.ts";
import { treeSize } from "../sys/tree.ts";
import { parseTruth } from "../truth.ts";
import type { VolumeInspect } from "./index.ts";
import { allVolumes, dataOf, findVolume, inspectOf, type VolumeRecord, volumeUsers } from "./records.ts";

type Test = (volume: VolumeRecord, value: string, users: ReadonlyMap<string, string[]>) => boolean;

const tests: Record<string, Test> = {
  name: ({ name }, value) => matchesPattern(value, name),
  label: ({ labels }, value) => hasLabel(labels, value),
  "label!": ({ labels }, value) => !hasLabel(labels, value),
  driver: (_, value) => value === "local",
  dangling: ({ name }, value, users) => !users.has(name) === isTrue("dangling", value),
};

/** @throws EngineError `invalid` */
export function isTrue(filter: string, value: string): boolean {
  const truth = parseTruth(value);
  if (truth === undefined) throw new EngineError("invalid", `invalid filter '${filter}=[${value}]'`);
  return truth;
}

/**
 * Values of one key are OR-ed, keys AND-ed; labels are AND-ed, as docker.
 */
export function matchesVolume(volume: VolumeRecord, filters: Filters, users: ReadonlyMap<string, string[]>): boolean {
  return Object.entries(filters).every(([key, values]) => {
    const passes = (value: string) => tests[key]!(volume, value, users);
    return values.length === 0 || (key.startsWith("label") ? values.every(passes) : values.some(passes));
  });
}

/** Before any volume is looked at: there may be none, or none that passes the filters named first. @throws EngineError `invalid` */
function checkFilters(filters: Filters): void {
  const unknown = Object.keys(filters).find((key) => !Object.hasOwn(tests, key));
  if (unknown)
    throw new EngineError("invalid", `invalid filter '${unknown}'`, { hint: `the filters are ${Object.keys(tests).join(", ")}` });
  for (const value of filters["dangling"] ?? []) isTrue("dangling", value);
}

export async function listVolumes(
  ground: Ground,
  { filters = {}, size = false }: { filters?: Filters; size?: boolean } = {},
): Promise<VolumeInspect[]> {
  checkFilters(filters);
  const users = volumeUsers(ground);
  return allVolumes(ground)
    .filter((volume) => matchesVolume(volume, filters, users))
    .map((volume) => {
      const shown = inspectOf(ground, volume);
      if (size) shown.UsageData = { Size: treeSize(dataOf(ground, volume.name)), RefCount: users.get(volume.name)?.length ?? 0 };
      return shown;
    });
}

/** @throws EngineError `not-found` */
export async function inspectVolume(ground: Ground, name: string): Promise<VolumeInspect> {
  return inspectOf(ground, findVolume(ground, name));
}
