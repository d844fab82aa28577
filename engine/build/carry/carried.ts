/** Steps that builds on other hosts ran, as a cache outside the store holds them. */
import type { TarSource } from "../../image/layer/index.ts";
import type { CachedLayer } from "../cache/index.ts";

export interface CarriedStep {
  /** Cache key (cache-key.ts). */
  key: string;
  diffId: string;
  /** RFC 3339, of the layer. */
  created: string;
  /**
   * The layer's tar, compressed or not; undefined when it is not there any more. Its content is checked by the caller, who does not
   * ask for what the store has.
   */
  open(signal: AbortSignal): CarriedLayer | undefined;
}

export interface CarriedLayer extends Disposable {
  source: Exclude<TarSource, "stream"> | AsyncIterable<Uint8Array>;
}

/** A step of the build that was just made. */
export interface UsedStep {
  key: string;
  layer: CachedLayer;
}

/** False for a key or diff id that no build can have written. */
export function isGood({ key, diffId }: { key: string; diffId: string }): boolean {
  return /^[0-9a-f]{64}$/.test(key) && /^sha256:[0-9a-f]{64}$/.test(diffId);
}
