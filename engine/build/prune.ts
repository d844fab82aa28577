/** What the build cache holds, and giving it back. A layer that an image still uses is only forgotten, not removed. */
import type { Filters } from "../container/types.ts";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import type { CacheRecord } from "./index.ts";

interface Row {
  key: string;
  chain_id: string;
  description: string;
  size: number;
  created: number;
  used: number;
  uses: number;
  shared: number;
  data: string;
}

/** Layers of images and of running builds are "shared": forgetting them frees nothing. */
const listRows = `SELECT c.*, EXISTS (
    WITH RECURSIVE below (chain) AS (
      SELECT chain_id FROM images UNION SELECT layers.parent FROM layers JOIN below ON layers.chain_id = below.chain WHERE layers.parent <> ''
    ) SELECT 1 FROM below WHERE below.chain = c.chain_id
  ) AS shared
  FROM build_cache c WHERE c.chain_id = '' OR EXISTS (SELECT 1 FROM layers WHERE layers.chain_id = c.chain_id) ORDER BY c.used`;

function toRecord(row: Row): CacheRecord {
  return {
    ID: row.key.slice(0, 25),
    Type: row.chain_id === "" ? "internal" : "regular",
    Description: row.description,
    InUse: false,
    Shared: row.shared !== 0,
    Size: row.size,
    CreatedAt: new Date(row.created).toISOString(),
    LastUsedAt: new Date(row.used).toISOString(),
    UsageCount: row.uses,
    Parents: [],
  };
}

/** Records of the cache, the least recently used first. Filters: id, type, description, until, unused-for, shared. */
export async function diskUsage(house: House, filters: Filters = {}): Promise<CacheRecord[]> {
  return house.db
    .all<Row>(listRows)
    .map(toRecord)
    .filter((each) => matches(each, filters));
}

const tests: Record<string, (record: CacheRecord, value: string) => boolean> = {
  id: (record, value) => record.ID.startsWith(value),
  type: (record, value) => record.Type === value,
  description: (record, value) => record.Description.includes(value),
  shared: (record, value) => String(record.Shared) === (value || "true"),
  until: (record, value) => Date.parse(record.LastUsedAt) < Date.now() - age(value),
  "unused-for": (record, value) => Date.parse(record.LastUsedAt) < Date.now() - age(value),
};

function matches(record: CacheRecord, filters: Filters): boolean {
  return Object.entries(filters).every(([key, values]) => {
    const test = tests[key];
    if (!test) throw new EngineError("invalid", `cannot filter by "${key}"`, { hint: `use one of ${Object.keys(tests).join(", ")}` });
    return values.length === 0 || values.some((value) => test(record, value));
  });
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
  house: House,
  options: { all?: boolean; filters?: Filters; keepStorage?: number } = {},
): Promise<{ CachesDeleted: string[]; SpaceReclaimed: number }> {
  const rows = house.db.all<Row>(listRows);
  const candidates = rows.filter((row) => (options.all || row.shared === 0) && matches(toRecord(row), options.filters ?? {}));
  const doomed = overBudget(candidates, rows, options.keepStorage);
  const { collectChain, oweCollection } = await import("../image/layers.ts");
  const chains = house.db.transaction(() => {
    for (const { key } of doomed) house.db.run("DELETE FROM build_cache WHERE key = ?", key);
    house.db.run(
      "DELETE FROM build_cache WHERE chain_id <> '' AND NOT EXISTS (SELECT 1 FROM layers WHERE layers.chain_id = build_cache.chain_id)",
    );
    return doomed.map(({ chain_id: chain }) => ({ chain, duty: oweCollection(house, chain) }));
  });
  let SpaceReclaimed = 0;
  for (const { chain, duty } of chains) SpaceReclaimed += (await collectChain(house, chain, duty)).bytes;
  return { CachesDeleted: doomed.map((row) => toRecord(row).ID), SpaceReclaimed };
}

/** The least recently used ones that do not fit into the budget; all of them without one. */
function overBudget(candidates: Row[], all: Row[], budget: number | undefined): Row[] {
  if (budget === undefined) return candidates;
  let total = all.reduce((sum, row) => sum + row.size, 0);
  return candidates.filter((row) => {
    if (total <= budget) return false;
    total -= row.size;
    return true;
  });
}
