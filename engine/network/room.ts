/** The networks room: a thin front; each verb is loaded when it is first used. */
import type { House } from "../house.ts";
import type { Networks } from "./index.ts";

export function createNetworks(house: House): Networks {
  return {
    create: async (spec) => (await import("./create.ts")).createNetwork(house, spec),
    list: async (options) => (await import("./inspect.ts")).listNetworks(house, options?.filters),
    inspect: async (ref) => (await import("./inspect.ts")).inspectNetwork(house, ref),
    remove: async (ref) => (await import("./remove.ts")).removeNetwork(house, ref),
    prune: async (filters) => (await import("./remove.ts")).pruneNetworks(house, filters),
  };
}
