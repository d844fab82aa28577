/**
 * The directories of `RUN --mount=type=cache`: they outlive builds, and no key depends on them.
 *
 *     ROOT/build/caches/
 *       NAME/         the files; NAME is derived from the mount's id, "NAME.1" and so on are private copies
 *       NAME.json     what it is called and when it was used
 *
 * A step that uses one holds the lock "cache-NAME", shared or exclusive.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../replace-file.ts";
import type { Ground } from "../../state/ground.ts";
import { lock, tryLock } from "../../state/locks.ts";
import { treeSize } from "../../sys/tree.ts";
import { withOwnDirectory } from "../workspace/index.ts";

export interface CacheMountUse {
  /** The mount's id, or its target. */
  id: string;
  /** Milliseconds since the epoch. */
  created: number;
  used: number;
  uses: number;
}

export interface CacheMountRecord extends CacheMountUse {
  name: string;
  /** Bytes of file content. */
  size: number;
  inUse: boolean;
}

const lockName = (name: string) => `cache-${name}`;

function directoryOf(ground: Ground): string {
  return join(ground.paths.build, "caches");
}

/**
 * Takes a directory for a step: `locked` waits for its turn, `shared` goes in with others, `private` takes one that nobody
 * uses, a new one if need be.
 */
export async function takeCacheMount(
  ground: Ground,
  name: string,
  sharing: "shared" | "private" | "locked",
): Promise<{ name: string; directory: string } & Disposable> {
  const taken = (as: string, held: Disposable) => ({
    name: as,
    directory: join(directoryOf(ground), as),
    [Symbol.dispose]: () => held[Symbol.dispose](),
  });
  if (sharing !== "private") return taken(name, await lock(ground, lockName(name), { shared: sharing === "shared" }));
  for (let copy = 0; ; copy++) {
    const as = copy === 0 ? name : `${name}.${copy}`;
    const held = tryLock(ground, lockName(as));
    if (held) return taken(as, held);
  }
}

/** Counts a use. The caller holds the lock. */
export function recordUse(ground: Ground, name: string, id: string): void {
  const file = join(directoryOf(ground), `${name}.json`);
  const now = Date.now();
  const { created = now, uses = 0 } = readUse(file) ?? {};
  replaceFile(file, JSON.stringify({ id, created, used: now, uses: uses + 1 } satisfies CacheMountUse), { mode: 0o600 });
}

function readUse(file: string): Partial<CacheMountUse> | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Partial<CacheMountUse>;
  } catch {
    return undefined; // absent, or cut short by a crash: only the count of uses is lost
  }
}

/** All cache mounts, the least recently used first. */
export function listCacheMounts(ground: Ground): CacheMountRecord[] {
  const directory = directoryOf(ground);
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const records = names.map(({ name }) => {
    const { id = name, created = 0, used = created, uses = 0 } = readUse(join(directory, `${name}.json`)) ?? {};
    using free = tryLock(ground, lockName(name));
    return { name, id, created, used, uses, inUse: free === undefined, size: treeSize(join(directory, name)) };
  });
  return records.sort((a, b) => a.used - b.used);
}

/** Removes a cache mount; false when a step uses it. */
export async function removeCacheMount(ground: Ground, name: string): Promise<boolean> {
  using held = tryLock(ground, lockName(name));
  if (!held) return false;
  const directory = join(directoryOf(ground), name);
  rmSync(`${directory}.json`, { force: true });
  // Out of the way by one rename: a crash while removing leaves rubbish under a lease, never half a cache.
  await using doomed = await withOwnDirectory(ground, async (own) => {
    if (existsSync(directory)) renameSync(directory, join(own, "cache"));
  });
  return doomed.directory !== "";
}

/** Makes the directory that holds them all. */
export function makeCacheDirectory(ground: Ground): void {
  mkdirSync(directoryOf(ground), { recursive: true, mode: 0o700 });
}
