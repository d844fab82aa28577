/** What images take on disk, for those who count. */
import type { Ground } from "../../state/ground.ts";
import { reachable } from "./blobs.ts";

/** The chains of some images and all below them: each layer once, however many images share it. */
const below = (images: string) => `
  WITH RECURSIVE below (chain) AS (
    SELECT chain_id FROM images ${images}
    UNION SELECT layers.parent FROM layers JOIN below ON layers.chain_id = below.chain WHERE layers.parent <> ''
  )`;

export interface ImageUsage {
  count: number;
  /** Bytes of their layers, and of what the blob store has of them. */
  size: number;
}

/** Of all images, or of those among some ids. */
export function imageUsage(ground: Ground, ids?: readonly string[]): ImageUsage {
  const among = ids === undefined ? "" : "WHERE id IN (SELECT value FROM json_each(?1))";
  const values = ids === undefined ? [] : [JSON.stringify(ids)];
  const size = (sql: string) => ground.db.get<{ size: number }>(sql, ...values)?.size ?? 0;
  const needed = reachable(
    `SELECT digest FROM tags JOIN images ON id = image ${among} UNION SELECT digest FROM manifests JOIN images ON id = image ${among}`,
  );
  return {
    count: ground.db.get<{ count: number }>(`SELECT count(*) AS count FROM images ${among}`, ...values)?.count ?? 0,
    size:
      size(`${below(among)} SELECT coalesce(sum(size), 0) AS size FROM layers WHERE chain_id IN (SELECT chain FROM below)`) +
      size(`${needed} SELECT coalesce(sum(size), 0) AS size FROM blobs WHERE digest IN (SELECT digest FROM needed)`),
  };
}

/** The layers that are stored, by chain id: true for those that an image stands on. */
export function storedChains(ground: Ground): Map<string, boolean> {
  const rows = ground.db.all<{ chain_id: string; used: number }>(
    `${below("")} SELECT chain_id, chain_id IN (SELECT chain FROM below) AS used FROM layers`,
  );
  return new Map(rows.map(({ chain_id, used }) => [chain_id, used === 1]));
}
