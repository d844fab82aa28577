/**
 * The layer cache: rows that say which layer a cache key gave, shared by all processes. A row whose layer has gone from
 * the store is no hit. Reading is all that a fully cached build does to it, but for one update of the times of use.
 */
import { findLayer as storedLayer } from "../../image/layers/index.ts";
import type { Ground } from "../../state/ground.ts";
import type { NewLayer } from "../workspace/index.ts";

export interface CachedLayer extends NewLayer {
  /** RFC 3339, when the layer was made: goes into the history, so that a rebuild gives the same image. */
  created: string;
}

interface CacheRow {
  key: string;
  chain_id: string;
  diff_id: string;
  size: number;
  data: string;
}

/** The layer a key gave earlier, if it is still there. */
export function findLayer(ground: Ground, key: string): CachedLayer | undefined {
  const row = ground.db.get<CacheRow>("SELECT key, chain_id, diff_id, size, data FROM build_cache WHERE key = ? AND chain_id <> ''", key);
  if (!row || !storedLayer(ground, row.chain_id)) return undefined;
  const { created } = JSON.parse(row.data) as { created: string };
  return { chainId: row.chain_id, diffId: row.diff_id, size: row.size, created };
}

/** Records what a key gave. Two processes that ran the same step: the first one's layer stays the answer. */
export function storeLayer(ground: Ground, key: string, layer: CachedLayer, step: { description: string; parent: string }): CachedLayer {
  const now = Date.now();
  return ground.db.transaction(() => {
    const earlier = findLayer(ground, key);
    if (earlier) return earlier;
    const data = JSON.stringify({ created: layer.created, parent: step.parent });
    const { chainId, diffId, size } = layer;
    ground.db.insert(
      "build_cache",
      { key, chain_id: chainId, diff_id: diffId, description: step.description, size, created: now, used: now, uses: 0, data },
      "OR REPLACE",
    );
    return layer;
  });
}

/** A rerun that was asked for (--no-cache) replaces what the key gave. */
export function replaceLayer(ground: Ground, key: string, layer: CachedLayer, step: { description: string; parent: string }): CachedLayer {
  ground.db.run("DELETE FROM build_cache WHERE key = ?", key);
  return storeLayer(ground, key, layer, step);
}

/** Counts a use of each key, in one transaction at the end of a build. */
export function touchKeys(ground: Ground, keys: readonly string[]): void {
  if (keys.length === 0) return;
  const now = Date.now();
  ground.db.transaction(() => {
    for (const key of keys) ground.db.run("UPDATE build_cache SET used = ?, uses = uses + 1 WHERE key = ?", now, key);
  });
}

/**
 * The digest of files in an immutable tree (layers of a chain id), computed once: `COPY --from` of an unchanged stage
 * then mounts nothing. Kept beside the layers, under a key of its own kind.
 */
export function findDigest(ground: Ground, key: string): string | undefined {
  const row = ground.db.get<{ data: string }>("SELECT data FROM build_cache WHERE key = ? AND chain_id = ''", key);
  return row && (JSON.parse(row.data) as { digest: string }).digest;
}

export function storeDigest(ground: Ground, key: string, digest: string, description: string): void {
  const now = Date.now();
  ground.db.insert(
    "build_cache",
    { key, chain_id: "", diff_id: "", description, size: 0, created: now, used: now, uses: 0, data: JSON.stringify({ digest }) },
    "OR REPLACE",
  );
}
