/** The volumes room: a thin front; each verb is loaded when it is first used. */
import type { Ground } from "../state/ground.ts";
import type { Volumes } from "./index.ts";

export function createVolumes(ground: Ground): Volumes {
  return {
    create: async (options) => (await import("./create.ts")).createVolume(ground, options),
    list: async (options) => (await import("./list.ts")).listVolumes(ground, options),
    inspect: async (name) => (await import("./list.ts")).inspectVolume(ground, name),
    remove: async (name, options) => (await import("./remove.ts")).removeVolume(ground, name, options),
    prune: async (options) => (await import("./remove.ts")).pruneVolumes(ground, options),
  };
}
