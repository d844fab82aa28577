/** What the build cache holds, and giving it back. A layer that an image still uses is only forgotten, not removed. */
import type { Filters } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { storedChains } from "../../image/store/index.ts";
import { emitPrune } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import type { CacheRecord } from "../index.ts";
import { type CacheMountRecord, listCacheMounts, removeCacheMount } from "./cache-mounts.ts";

interface Row {
  key: string;
  chain_id: string;
  description: string;
  size: number;
  created: number;
  used: number;
  uses: number;
  shared: boolean;
  data: string;
}

/** Those whose layers are there; layers of images are "shared": forgetting them frees nothing. */
function listRows(ground: Ground): Row[] {
  const chains = storedChains(ground);
  return ground.db
    .all<Omit<Row, "shared">>("SELECT * FROM build_cache ORDER BY used")
    .filter(({ chain_id }) => chain_id === "" || chains.has(chain_id))
    .map((row) => ({ ...row, shared: chains.get(row.chain_id) ?? false }));
}

function toRecord(row: Row): CacheRecord {
  return {
    ID: row.key.slice(0, 25),
    Type: row.chain_id === "" ? "internal" : "regular",
    Description: row.description,
    InUse: false,
    Shared: row.shared,
    Size: row.size,
    CreatedAt: new Date(row.created).toISOString(),
    LastUsedAt: new Date(row.used).toISOString(),
    UsageCount: row.uses,
    Parents: [],
  };
}

function toMountRecord({ name, id, size, created, used, uses, inUse }: CacheMountRecord): CacheRecord {
  return {
    ID: name.slice(0, 25),
    Type: "exec.cachemount",
    Description: `cached mount ${id}`,
    InUse: inUse,
    Shared: false,
    Size: size,
    CreatedAt: new Date(created).toISOString(),
    LastUsedAt: new Date(used).toISOString(),
    UsageCount: uses,
    Parents: [],
  };
}

/** Records of the cache, the least recently used first. Filters: id, type, description, until, unused-for, shared. */
export async function diskUsage(ground: Ground, filters: Filters = {}): Promise<CacheRecord[]> {
  checkNames(filters);
  const records = [...listRows(ground).map(toRecord), ...listCacheMounts(ground).map(toMountRecord)];
  return records.filter((each) => matches(each, filters)).sort((a, b) => (a.LastUsedAt < b.LastUsedAt ? -1 : 1));
}

const tests: Record<string, (record: CacheRecord, value: string) => boolean> = {
  id: (record, value) => record.ID.startsWith(value),
  type: (record, value) => record.Type === value,
  description: (record, value) => record.Description.includes(value),
  shared: (record, value) => String(record.Shared) === (value || "true"),
  until: (record, value) => Date.parse(record.LastUsedAt) < Date.now() - age(value),
  "unused-for": (record, value) => Date.parse(record.LastUsedAt) < Date.now() - age(value),
};

/** Of an empty cache, too. @throws EngineError `invalid` */
function checkNames(filters: Filters): void {
  const key = Object.keys(filters).find((each) => !(each in tests));
  if (key !== undefined)
    throw new EngineError("invalid", `invalid filter '${key}'`, { hint: `use one of ${Object.keys(tests).join(", ")}` });
}

function matches(record: CacheRecord, filters: Filters): boolean {
  return Object.entries(filters).every(([key, values]) => values.length === 0 || values.some((value) => tests[key]?.(record, value)));
}

const scales: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 604800e3 };

/** "24h", "1h30m", "10d"; ms. */
function age(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text)
    throw new EngineError("invalid", `cannot use "${text}" as an age`, { hint: "write a number and a unit: 24h, 10m" });
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (scales[unit as string] as number), 0);
}

/**
 * Forgets cache records and removes the layers that nothing else needs. Without `all`, what images use stays.
 * @param options.keepStorage bytes of the most recently used records to keep
 */
export async function pruneCache(
  ground: Ground,
  options: { all?: boolean; filters?: Filters; keepStorage?: number } = {},
): Promise<{ CachesDeleted: string[]; SpaceReclaimed: number }> {
  const filters = options.filters ?? {};
  checkNames(filters);
  const rows = listRows(ground);
  const layers = rows
    .filter((row) => options.all || !row.shared)
    .map((row): Candidate => ({ record: toRecord(row), remove: { kind: "layer", row } }));
  const mounts = listCacheMounts(ground).map(
    (mount): Candidate => ({ record: toMountRecord(mount), remove: { kind: "mount", name: mount.name } }),
  );
  const total = [...rows, ...mounts.map(({ record }) => ({ size: record.Size }))].reduce((sum, { size }) => sum + size, 0);
  const candidates = [...layers, ...mounts].filter(({ record }) => !record.InUse && matches(record, filters));
  candidates.sort((a, b) => (a.record.LastUsedAt < b.record.LastUsedAt ? -1 : 1));
  const doomed = overBudget(candidates, total, options.keepStorage);
  let SpaceReclaimed = await removeLayers(
    ground,
    doomed.flatMap(({ remove }) => (remove.kind === "layer" ? [remove.row] : [])),
  );
  const CachesDeleted: string[] = [];
  for (const { record, remove } of doomed) {
    if (remove.kind === "mount" && !(await removeCacheMount(ground, remove.name))) continue; // a step took it meanwhile
    if (remove.kind === "mount") SpaceReclaimed += record.Size;
    CachesDeleted.push(record.ID);
  }
  if (CachesDeleted.length > 0) emitPrune(ground, "builder", SpaceReclaimed);
  return { CachesDeleted, SpaceReclaimed };
}

interface Candidate {
  record: CacheRecord;
  remove: { kind: "layer"; row: Row } | { kind: "mount"; name: string };
}

/** Forgets records and removes the layers that nothing else needs. @returns bytes */
async function removeLayers(ground: Ground, rows: readonly Row[]): Promise<number> {
  const { collectChain, oweCollection } = await import("../../image/layers/layers.ts");
  const owed = ground.db.transaction(() => {
    for (const { key } of rows) ground.db.run("DELETE FROM build_cache WHERE key = ?", key);
    forgetGone(ground);
    return rows.map(({ chain_id: chain }) => ({ chain, duty: oweCollection(ground, chain) }));
  });
  let bytes = 0;
  for (const { chain, duty } of owed) bytes += (await collectChain(ground, chain, duty)).bytes;
  return bytes;
}

/** Forgets records whose layers are not there any more. */
function forgetGone(ground: Ground): void {
  const chains = storedChains(ground);
  const rows = ground.db.all<{ key: string; chain_id: string }>("SELECT key, chain_id FROM build_cache WHERE chain_id <> ''");
  for (const { key, chain_id } of rows) if (!chains.has(chain_id)) ground.db.run("DELETE FROM build_cache WHERE key = ?", key);
}

/** The least recently used ones that do not fit into the budget; all of them without one. @param total bytes of the whole cache */
function overBudget(candidates: Candidate[], total: number, budget: number | undefined): Candidate[] {
  if (budget === undefined) return candidates;
  let left = total;
  return candidates.filter(({ record }) => {
    if (left <= budget) return false;
    left -= record.Size;
    return true;
  });
}
