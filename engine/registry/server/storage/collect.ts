/**
 * Garbage: what the rules of retention let go, blobs that no manifest of their repository is made of, and contents that no repository names. Collected while the registry serves:
 * a repository's manifests wait for their turn while its links are looked at; all else goes on (claims.ts).
 */
import { statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { algorithms } from "../protocol/names.ts";
import type { Claims } from "./claims.ts";
import type { Layout } from "./layout.ts";
import { namesIn } from "./repository-index.ts";
import type { Leaving } from "./retention.ts";

/** A tag or a manifest of a repository, or a content, that went, or would go. */
export interface Gone extends Leaving {
  repository?: string;
}

export interface Collected {
  /** With the reasons. */
  gone: Gone[];
  /** Contents among them. */
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
  /** Nothing is changed: it is only said what would go. */
  isDry: boolean;
  /** Lets go what the rules of retention say, in the repository's turn. */
  retain(name: string): Promise<Leaving[]>;
  /** Looks at a repository while nothing changes its manifests. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T>;
  /**
   * All digests that the repository's manifests are made of; undefined when one of those cannot be read: nothing is collected there then.
   * @param without those of manifests that go
   */
  partsOf(name: string, without: ReadonlySet<string>): Promise<Set<string> | undefined>;
  /** Digests of its manifests. */
  manifestsOf(name: string): Promise<Iterable<string>>;
}

export async function collect(work: CollectWork): Promise<Collected> {
  const { claims } = work;
  claims.remember();
  try {
    const named = new Set<string>();
    const gone: Gone[] = [];
    for await (const name of work.repositories)
      await work.inTurn(name, async () => {
        const leaving = await work.retain(name);
        gone.push(...leaving.map((each) => ({ repository: name, ...each })));
        await sweepLinks(name, work, named, new Set(leaving.flatMap(({ digest }) => digest ?? [])));
      });
    return await sweepContents(work, named, gone);
  } finally {
    claims.forget();
  }
}

async function sweepLinks(name: string, work: CollectWork, named: Set<string>, without: ReadonlySet<string>): Promise<void> {
  const { layout, claims, partsOf, manifestsOf } = work;
  const parts = await partsOf(name, without);
  for (const digest of await manifestsOf(name)) if (!without.has(digest)) named.add(digest);
  for await (const digest of digestsIn(join(layout.repository(name), "_blobs"))) {
    const isKept = !parts || parts.has(digest) || claims.has(digest) || !removeOld(layout.blob(name, digest), work);
    if (isKept) named.add(digest);
  }
}

async function sweepContents(work: CollectWork, named: Set<string>, gone: Gone[]): Promise<Collected> {
  const { layout, claims } = work;
  const collected = { gone, contents: 0, bytes: 0 };
  for await (const digest of digestsIn(join(layout.root, "blobs"))) {
    const size = named.has(digest) || claims.has(digest) ? undefined : removeOld(layout.content(digest), work);
    if (size === undefined) continue;
    collected.contents++;
    collected.bytes += size.bytes;
    gone.push({ digest, why: `nothing names it (${size.bytes} bytes)` });
  }
  return collected;
}

/** At once, so that nobody claims it in between. @returns what is gone */
function removeOld(path: string, { before, isDry }: CollectWork): { bytes: number } | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || stats.mtimeMs >= before) return undefined;
  if (!isDry) unlinkSync(path);
  return { bytes: stats.size };
}

export async function* digestsIn(directory: string): AsyncGenerator<string> {
  for (const algorithm of algorithms) for (const hex of await namesIn(join(directory, algorithm))) yield `${algorithm}:${hex}`;
}
