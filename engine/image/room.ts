/**
 * The images room: a thin front; each verb is loaded when it is first used. Pulling and pushing are the
 * registry room's, what is attested the attest room's, which build on this one: the house lends them.
 */
import type { Ground } from "../state/ground.ts";
import type { Images } from "./index.ts";
import type { KeepLayer } from "./store/index.ts";

/** What a room above does for this one's verbs. */
export interface Transfer extends Pick<Images, "pull" | "push" | "resolve" | "distribution" | "attestations" | "bill" | "attest"> {
  keepLayer: KeepLayer;
}

export function createImages(ground: Ground, { keepLayer, ...lent }: Transfer): Images {
  return {
    ...lent,
    list: async (options) => (await import("./view/list.ts")).listImages(ground, options),
    inspect: async (ref, options) => (await import("./view/inspect.ts")).inspectImage(ground, ref, options),
    document: async (digest) => (await import("./store/referrers.ts")).requireDocument(ground, digest),
    referrers: async (digest) => (await import("./store/referrers.ts")).listReferrers(ground, digest),
    attach: async (referrer) => (await import("./store/referrers.ts")).attachReferrer(ground, referrer),
    layers: async (ref) => (await import("./view/layers-report.ts")).imageLayers(ground, ref),
    security: async (ref, options) => (await import("./audit/report.ts")).imageSecurity(ground, ref, options),
    history: async (ref) => (await import("./view/history.ts")).imageHistory(ground, ref),
    tag: async (source, target) => (await import("./names/tag.ts")).tagImage(ground, source, target),
    remove: async (ref, options) => (await import("./names/remove.ts")).removeImage(ground, ref, options),
    prune: async (options) => (await import("./names/prune.ts")).pruneImages(ground, options),
    async *import(from, options) {
      return yield* (await import("./archive/import.ts")).importImage(ground, from, options);
    },
    async *load(tar, options) {
      return yield* (await import("./archive/load.ts")).loadImages(ground, tar, options);
    },
    save: async (refs, options) => (await import("./archive/save.ts")).saveImages(ground, refs, options, keepLayer),
  };
}
