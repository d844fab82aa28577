/**
 * The layer store's records and directories: which layers there are, how they stack, and their removal. A layer is its
 * row; a directory without one is being made, under a lease, or rubbish.
 */
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { removeTree } from "../../process/remove-tree.ts";
import type { Ground } from "../../state/ground.ts";
import { keepsakeOf, writeKeepsake } from "../../state/keepsake.ts";
import { isLeased, type Lease, takeLease } from "../../state/leases.ts";
import { spreadBelow } from "../../sys/placement.ts";
import { randomHex } from "../../sys/random.ts";
import { collectHolds, type Holds, holdSubject } from "./holds.ts";

export interface LayerRow {
  chain_id: string;
  parent: string;
  diff_id: string;
  /** Name under ROOT/layers and ROOT/l. */
  dir: string;
  /** Bytes of file content, and of the uncompressed tar. */
  size: number;
  tar_size: number;
}

/** A chain's layers, topmost first; undefined when one is missing. */
export function layersOf(ground: Ground, chainId: string): LayerRow[] | undefined {
  if (chainId === "") return [];
  const rows = ground.db.all<LayerRow>(
    `WITH RECURSIVE below (chain_id, parent, diff_id, dir, size, tar_size, depth) AS (
       SELECT chain_id, parent, diff_id, dir, size, tar_size, 0 FROM layers WHERE chain_id = ?
       UNION ALL
       SELECT layers.chain_id, layers.parent, layers.diff_id, layers.dir, layers.size, layers.tar_size, depth + 1
       FROM layers JOIN below ON layers.chain_id = below.parent
     ) SELECT chain_id, parent, diff_id, dir, size, tar_size FROM below ORDER BY depth`,
    chainId,
  );
  return rows.at(-1)?.parent === "" ? rows : undefined;
}

export function findLayer(ground: Ground, chainId: string): LayerRow | undefined {
  return ground.db.get<LayerRow>("SELECT chain_id, parent, diff_id, dir, size, tar_size FROM layers WHERE chain_id = ?", chainId);
}

/** True when a layer's row and its files are there (an administrator may have deleted files). */
export function hasLayer(ground: Ground, chainId: string): boolean {
  const row = findLayer(ground, chainId);
  return row !== undefined && existsSync(join(layerDirectory(ground, row.dir), "diff"));
}

/** ROOT/layers/DIR */
export function layerDirectory(ground: Ground, dir: string): string {
  return join(ground.paths.layers, dir);
}

/** Lower directories of a chain, topmost first, by their short names; undefined when a layer is missing. */
export function lowerdirs(ground: Ground, chainId: string): string[] | undefined {
  return layersOf(ground, chainId)?.map(({ dir }) => join(ground.paths.links, dir));
}

/** A directory for a layer to come, held by a lease from before it exists. */
export interface NewDirectory {
  dir: string;
  path: string;
  lease: Lease;
}

export function newDirectory(ground: Ground): NewDirectory {
  const dir = randomHex(8).slice(0, 13);
  const lease = takeLease(ground, "layer", dir);
  const path = layerDirectory(ground, dir);
  try {
    spreadBelow(ground.paths.layers);
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    lease.release();
    throw new EngineError("state", `cannot make the layer directory "${path}": ${(cause as Error).message}`, { cause });
  }
  return { dir, path, lease };
}

/**
 * Makes a complete directory a layer. Another process may have been faster: then its layer is the one, and false says
 * that the caller's directory is of no use.
 */
export function registerLayer(ground: Ground, made: NewDirectory, layer: Omit<LayerRow, "dir">): boolean {
  symlinkSync(join("..", "layers", made.dir, "diff"), join(ground.paths.links, made.dir));
  writeKeepsake(keepsakeOf.layer(ground, made.dir), { ...layer, dir: made.dir });
  return ground.db.transaction(() => {
    if (hasLayer(ground, layer.chain_id)) return false;
    const empty = findLayer(ground, layer.chain_id);
    if (empty) {
      // Its files were deleted by somebody else: these here take their place.
      rmSync(join(ground.paths.links, empty.dir), { force: true });
      ground.db.update("layers", "chain_id", layer.chain_id, { dir: made.dir });
      made.lease.release();
      return true;
    }
    if (layer.parent !== "" && !findLayer(ground, layer.parent))
      throw new EngineError("conflict", `cannot store a layer on "${layer.parent}": that layer is gone`);
    const now = Date.now();
    ground.db.insert("layers", { ...layer, dir: made.dir, created: now, used: now });
    made.lease.release();
    return true;
  });
}

/** Removes the files of a layer that has no row. Idempotent. */
export async function removeDirectory(ground: Ground, dir: string): Promise<void> {
  rmSync(join(ground.paths.links, dir), { force: true });
  await removeTree(layerDirectory(ground, dir));
}

/** True while an image, another layer, a build cache record or a running process needs the chain. */
function isReferenced(ground: Ground, chainId: string): boolean {
  const row = ground.db.get(
    "SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM images WHERE chain_id = ?1) OR EXISTS (SELECT 1 FROM layers WHERE parent = ?1)",
    chainId,
  );
  return row !== undefined || ground.lent.builds.needs(chainId) || isLeased(ground, "layer", holdSubject(chainId));
}

/**
 * A lease that says: this chain may have lost its last user, and must be looked at. To be taken in the transaction that takes the
 * user away, so that a crash before `collectChain` is done leaves the rest to the next command.
 */
export function oweCollection(ground: Ground, chainId: string): Lease {
  return takeLease(ground, "layer", holdSubject(chainId));
}

/**
 * Removes a chain's layers from the top down to the first that something still needs.
 * @param duty what `oweCollection` gave; released on the way
 * @returns the removed chain ids, topmost first, and the bytes of their files
 */
export async function collectChain(ground: Ground, chainId: string, duty?: Lease): Promise<{ removed: string[]; bytes: number }> {
  const removed: string[] = [];
  let bytes = 0;
  for (let next = chainId; next !== ""; ) {
    const dropped = ground.db.transaction(() => {
      duty?.release();
      return dropUnreferenced(ground, next);
    });
    if (!dropped) break;
    duty = dropped.duty;
    await removeDirectory(ground, dropped.row.dir);
    dropped.lease.release();
    removed.push(next);
    bytes += dropped.row.size;
    next = dropped.row.parent;
  }
  duty?.release(); // of the empty chain
  return { removed, bytes };
}

/**
 * Runs an operation with holds of its own. They are given up when it ends, however it ends: layers that nobody refers to
 * by then are removed, by the next command should this process die meanwhile.
 */
export async function holding<T>(ground: Ground, body: () => Promise<T>): Promise<T> {
  const holds: Holds = new Map();
  try {
    return await collectHolds(holds, body);
  } finally {
    await giveUp(ground, holds);
  }
}

async function giveUp(ground: Ground, holds: Holds): Promise<void> {
  holds.get("")?.release(); // the empty chain has no layer to collect
  const chains = [...holds.keys()].filter(Boolean);
  if (chains.length === 0) return;
  const owed = ground.db.transaction(() =>
    chains.map((chain) => {
      holds.get(chain)?.release();
      return { chain, duty: oweCollection(ground, chain) };
    }),
  );
  for (const { chain, duty } of owed) await collectChain(ground, chain, duty);
}

/**
 * In one transaction the row goes, and leases on its directory and on looking at its parent come: a crash in between
 * leaves nothing unowned.
 */
function dropUnreferenced(ground: Ground, chainId: string): { row: LayerRow; lease: Lease; duty: Lease | undefined } | undefined {
  const row = findLayer(ground, chainId);
  if (!row || isReferenced(ground, chainId)) return undefined;
  ground.db.run("DELETE FROM layers WHERE chain_id = ?", chainId);
  return { row, lease: takeLease(ground, "layer", row.dir), duty: row.parent === "" ? undefined : oweCollection(ground, row.parent) };
}
