/** The volumes room: a thin front; each verb is loaded when it is first used. */
import type { House } from "../house.ts";
import type { Volumes } from "./index.ts";

export function createVolumes(house: House): Volumes {
  return {
    create: async (options) => (await import("./create.ts")).createVolume(house, options),
    list: async (options) => (await import("./list.ts")).listVolumes(house, options),
    inspect: async (name) => (await import("./list.ts")).inspectVolume(house, name),
    remove: async (name, options) => (await import("./remove.ts")).removeVolume(house, name, options),
    prune: async (options) => (await import("./remove.ts")).pruneVolumes(house, options),
  };
}
