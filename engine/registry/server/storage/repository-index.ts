/**
 * What a repository has of manifests and tags, as it is on disk, read once and kept up: one server alone changes the directory. It holds
 * no contents, so that thousands of repositories fit; those that nobody asked for are forgotten.
 */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { algorithms, isDigest, isTag } from "../protocol/names.ts";
import type { Layout } from "./layout.ts";

export interface ManifestRecord {
  mediaType: string;
  size: number;
  /** Digest of what it refers to. */
  subject?: string;
}

export interface RepositoryIndex {
  /** By digest. */
  manifests: Map<string, ManifestRecord>;
  /** Digests by tag. */
  tags: Map<string, string>;
}

/** Manifests and tags that are kept in memory: a hundred bytes or two each. */
const entryLimit = 100_000;
/** Small files that are read before others get their turn: one by one through threads they would take ten times as long. */
const batch = 100;

export class RepositoryIndexes {
  readonly #layout: Layout;
  /** The one used last is the last. */
  readonly #loaded = new Map<string, Promise<RepositoryIndex>>();
  #entries = 0;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  async of(name: string): Promise<RepositoryIndex> {
    const known = this.#loaded.get(name);
    const index = known ?? this.#load(name);
    if (this.#loaded.delete(name) || !known) this.#loaded.set(name, index);
    return index;
  }

  /** What is on disk may be other than what is known here. */
  forget(name: string): void {
    this.#loaded.delete(name);
  }

  async #load(name: string): Promise<RepositoryIndex> {
    const loading = readIndex(this.#layout.repository(name));
    loading.catch(() => this.forget(name));
    const index = await loading;
    this.#entries += index.manifests.size + index.tags.size;
    if (this.#entries > entryLimit) {
      for (const other of [...this.#loaded.keys()].slice(0, -1)) if (other !== name) this.forget(other);
      this.#entries = index.manifests.size + index.tags.size;
    }
    return index;
  }
}

async function readIndex(directory: string): Promise<RepositoryIndex> {
  const manifests = new Map<string, ManifestRecord>();
  for (const algorithm of algorithms) {
    const records = await readRecords<ManifestRecord>(join(directory, "_manifests", algorithm), (hex) => isDigest(`${algorithm}:${hex}`));
    for (const [hex, record] of records) manifests.set(`${algorithm}:${hex}`, record);
  }
  const tags = await readRecords<{ digest: string }>(join(directory, "_tags"), isTag);
  return { manifests, tags: new Map(tags.map(([tag, { digest }]) => [tag, digest])) };
}

async function readRecords<T>(directory: string, isOurs: (file: string) => boolean): Promise<[string, T][]> {
  const files = (await namesIn(directory)).filter(isOurs);
  const records: [string, T][] = [];
  for (const [at, file] of files.entries()) {
    const text = readIfThere(join(directory, file));
    if (text !== undefined) records.push([file, JSON.parse(text) as T]);
    if (at % batch === batch - 1) await setImmediate();
  }
  return records;
}

/** The text of a file that need not be there. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Of a directory that need not be there. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
