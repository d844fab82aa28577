/** The networks room: a thin front; each verb is loaded when it is first used. */
import type { Ground } from "../state/ground.ts";
import type { Networks } from "./index.ts";

export function createNetworks(ground: Ground): Networks {
  return {
    create: async (spec) => (await import("./networks/create.ts")).createNetwork(ground, spec),
    list: async (options) => (await import("./networks/inspect.ts")).listNetworks(ground, options?.filters),
    inspect: async (ref) => (await import("./networks/inspect.ts")).inspectNetwork(ground, ref),
    remove: async (ref) => (await import("./networks/remove.ts")).removeNetwork(ground, ref),
    prune: async (filters) => (await import("./networks/remove.ts")).pruneNetworks(ground, filters),
  };
}
