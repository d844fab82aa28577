/** The layer cache, its keys, the directories of cache mounts, and giving all of it back. */

export { type CachedLayer, findDigest, findLayer, replaceLayer, storeDigest, storeLayer, touchKeys } from "./cache.ts";
export { cacheFacts } from "./cache-facts.ts";
export { cacheKey, digestOf, type StepKey } from "./cache-key.ts";
export { makeCacheDirectory, recordUse, takeCacheMount } from "./cache-mounts.ts";
