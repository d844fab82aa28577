/**
 * The images room: a thin front; each verb is loaded when it is first used. Pulling and pushing live in engine/registry,
 * which builds on this room: only this front, lazily, looks up to it.
 */
import type { House } from "../house.ts";
import type { Images } from "./index.ts";

export function createImages(house: House): Images {
  return {
    list: async (options) => (await import("./list.ts")).listImages(house, options),
    inspect: async (ref) => (await import("./inspect.ts")).inspectImage(house, ref),
    layers: async (ref) => (await import("./layers-report.ts")).imageLayers(house, ref),
    history: async (ref) => (await import("./history.ts")).imageHistory(house, ref),
    resolve: async (ref) => (await import("./resolve.ts")).resolveImage(house, ref),
    lowerdirs: async (chainId) => (await import("./layers.ts")).lowerdirs(house, chainId),
    tag: async (source, target) => (await import("./tag.ts")).tagImage(house, source, target),
    remove: async (ref, options) => (await import("./remove.ts")).removeImage(house, ref, options),
    prune: async (options) => (await import("./prune.ts")).pruneImages(house, options),
    async *pull(ref, options) {
      return yield* (await import("../registry/pull.ts")).pullImage(house, ref, options);
    },
    async *push(ref, options) {
      return yield* (await import("../registry/push.ts")).pushImage(house, ref, options);
    },
    async *import(from, options) {
      return yield* (await import("./import.ts")).importImage(house, from, options);
    },
    async *load(tar, options) {
      return yield* (await import("./load.ts")).loadImages(house, tar, options);
    },
    save: async (refs, options) => (await import("./save.ts")).saveImages(house, refs, options),
    commitLayer: async (upperdir, parent, options) => (await import("./commit-layer.ts")).commitLayer(house, upperdir, parent, options),
    commitImage: async (config, options) => (await import("./commit-image.ts")).commitImage(house, config, options),
  };
}
