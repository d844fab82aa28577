/**
 * Garbage: blobs that no manifest of their repository is made of, and contents that no repository names. Collected while the registry serves:
 * a repository's manifests wait for their turn while its links are looked at; all else goes on (claims.ts).
 */
import { statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { algorithms } from "../protocol/names.ts";
import type { Claims } from "./claims.ts";
import type { Layout } from "./layout.ts";
import { namesIn } from "./repository-index.ts";

export interface Collected {
  /** Contents that are gone. */
  contents: number;
  /** Theirs. */
  bytes: number;
}

export interface CollectWork {
  layout: Layout;
  claims: Claims;
  /** Milliseconds since the epoch: what was written or asked for later stays, as a push sends its manifest last. */
  before: number;
  repositories: AsyncIterable<string>;
  /** Looks at a repository while nothing changes its manifests. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** All digests that the repository's manifests are made of; undefined when one of those cannot be read: nothing is collected there then. */
  partsOf(name: string): Promise<Set<string> | undefined>;
  /** Digests of its manifests. */
  manifestsOf(name: string): Promise<Iterable<string>>;
}

export async function collect(work: CollectWork): Promise<Collected> {
  const { claims } = work;
  claims.remember();
  try {
    const named = new Set<string>();
    for await (const name of work.repositories) await work.inTurn(name, () => sweepLinks(name, work, named));
    return await sweepContents(work, named);
  } finally {
    claims.forget();
  }
}

async function sweepLinks(name: string, { layout, claims, before, partsOf, manifestsOf }: CollectWork, named: Set<string>): Promise<void> {
  const parts = await partsOf(name);
  for (const digest of await manifestsOf(name)) named.add(digest);
  for await (const digest of digestsIn(join(layout.repository(name), "_blobs"))) {
    const isKept = !parts || parts.has(digest) || claims.has(digest) || !removeOld(layout.blob(name, digest), before);
    if (isKept) named.add(digest);
  }
}

async function sweepContents({ layout, claims, before }: CollectWork, named: Set<string>): Promise<Collected> {
  const collected = { contents: 0, bytes: 0 };
  for await (const digest of digestsIn(join(layout.root, "blobs"))) {
    const size = named.has(digest) || claims.has(digest) ? undefined : removeOld(layout.content(digest), before);
    if (size === undefined) continue;
    collected.contents++;
    collected.bytes += size.bytes;
  }
  return collected;
}

/** At once, so that nobody claims it in between. @returns what is gone */
function removeOld(path: string, before: number): { bytes: number } | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || stats.mtimeMs >= before) return undefined;
  unlinkSync(path);
  return { bytes: stats.size };
}

export async function* digestsIn(directory: string): AsyncGenerator<string> {
  for (const algorithm of algorithms) for (const hex of await namesIn(join(directory, algorithm))) yield `${algorithm}:${hex}`;
}
