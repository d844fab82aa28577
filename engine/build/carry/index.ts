/** The cache outside the store, for other hosts. */
export { type CarriedCache, inlineCache, openCarried, wantsInline, writeCarried } from "./cache-transfer.ts";
export { checkCacheFlags } from "./flags.ts";
