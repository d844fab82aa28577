/** A registry's storage as a directory (layout.ts). One server at a time has it; all of its changes go through here. */
import { closeSync, type Stats } from "node:fs";
import { readdir, readFile, stat, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { isIndexType } from "../../../image/documents/index.ts";
import type { Descriptor } from "../../../image/types.ts";
import { partsOf, referrerOf } from "../protocol/document.ts";
import { type Algorithm, algorithms, isDigest, isRepository } from "../protocol/names.ts";
import { problem } from "../protocol/problem.ts";
import type { ByteRange } from "../protocol/ranges.ts";
import { type FileChunks, readFileOf } from "./blob-reader.ts";
import { claimDirectory } from "./claim-directory.ts";
import { Claims } from "./claims.ts";
import { type Collected, collect } from "./collect.ts";
import { moveDurably, syncDirectory, touch, unlinkDurably, writeDurably } from "./durable.ts";
import { Layout } from "./layout.ts";
import { Quota } from "./quota.ts";
import { Recent } from "./recent.ts";
import { namesIn, type RepositoryIndex, RepositoryIndexes } from "./repository-index.ts";
import { type Held, type HeldManifest, type Leaving, planRetention, type RetentionRule, rulesFor } from "./retention.ts";
import { type Scrubbed, scrub } from "./scrub.ts";
import type { NewManifest, RegistryStorage, StoredManifest, Upload } from "./storage.ts";
import { Turns } from "./turns.ts";
import { Uploads } from "./uploads.ts";

export interface DirectoryOptions {
  root: string;
  /** Milliseconds without a byte after which an upload is removed; default a day. */
  uploadExpiry?: number;
  /** Bytes that a repository may have. */
  quota?(name: string): number;
  /** Of tags that are there: whether they stand for what they do for ever. */
  isImmutable?(tag: string): boolean;
  /** What goes with the garbage. */
  retention?: readonly RetentionRule[];
}

const usualExpiry = 24 * 60 * 60 * 1000;
/** Milliseconds between two looks for uploads that expired. */
const expiryInterval = 60_000;

/** @throws EngineError `in-use` when another server has it, `conflict` when it is something else's, `system` */
export async function openDirectory(options: DirectoryOptions): Promise<RegistryStorage> {
  const layout = new Layout(options.root);
  const lock = claimDirectory(layout);
  for (const file of await readdir(layout.staging)) await unlink(join(layout.staging, file));
  return new DirectoryStorage(layout, lock, options);
}

class DirectoryStorage implements RegistryStorage {
  readonly #layout: Layout;
  #lock: number | undefined;
  readonly #indexes: RepositoryIndexes;
  readonly #uploads: Uploads;
  readonly #quota: Quota;
  readonly #isImmutable: (tag: string) => boolean;
  readonly #retention: readonly RetentionRule[];
  readonly #turns = new Turns();
  readonly #claims = new Claims();
  readonly #documents = new Recent();
  readonly #expiry: NodeJS.Timeout;
  #probe: Promise<void> | undefined;

  constructor(
    layout: Layout,
    lock: number,
    { uploadExpiry: expiry = usualExpiry, quota = () => Number.POSITIVE_INFINITY, isImmutable, retention = [] }: DirectoryOptions,
  ) {
    this.#layout = layout;
    this.#lock = lock;
    this.#indexes = new RepositoryIndexes(layout);
    this.#quota = new Quota(layout, quota);
    this.#isImmutable = isImmutable ?? (() => false);
    this.#retention = retention;
    const keep = (name: string, digest: string, file: string) => this.#keepBlob(name, digest, file);
    this.#uploads = new Uploads({ layout, expiry, quota: this.#quota, keep });
    this.#expiry = setInterval(() => void this.#uploads.expire().catch(() => {}), expiryInterval).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#expiry);
    if (this.#lock !== undefined) closeSync(this.#lock);
    this.#lock = undefined;
  }

  async repositories(): Promise<string[]> {
    const found: string[] = [];
    for await (const name of this.#everyRepository()) if (await hasManifests(join(this.#layout.repositories, name))) found.push(name);
    return found.sort();
  }

  async *holders(digest: string): AsyncGenerator<string> {
    if (!(await isThere(this.#layout.content(digest)))) return;
    for await (const name of this.#everyRepository()) if (await isThere(this.#layout.blob(name, digest))) yield name;
  }

  /** Each directory that a name of a repository leads to, whether anything is in it or not. */
  async *#everyRepository(above = ""): AsyncGenerator<string> {
    for (const component of await namesIn(join(this.#layout.repositories, above))) {
      if (!isRepository(component)) continue;
      const name = above === "" ? component : `${above}/${component}`;
      yield name;
      yield* this.#everyRepository(name);
    }
  }

  async hasRepository(name: string): Promise<boolean> {
    const names = await namesIn(this.#layout.repository(name));
    return names.includes("_manifests") || names.includes("_blobs");
  }

  async blobSize(name: string, digest: string, isWanted = false): Promise<number | undefined> {
    const link = this.#layout.blob(name, digest);
    const stats = await statOf(link);
    if (!stats) return undefined;
    const isOld = Date.now() - stats.mtimeMs > 60_000;
    if (isWanted && isOld) await utimes(link, new Date(), new Date()).catch(() => {}); // read-only, or gone by now
    return (await statOf(this.#layout.content(digest)))?.size;
  }

  readBlob(digest: string, range?: ByteRange): Promise<FileChunks> {
    return readFileOf(this.#layout.content(digest), range);
  }

  mountBlob(name: string, digest: string, from: string): Promise<boolean> {
    return this.#claims.hold([digest], async () => {
      const size = await this.blobSize(from, digest);
      if (size === undefined) return false;
      await this.#link(name, digest, size);
      return true;
    });
  }

  #keepBlob(name: string, digest: string, file: string): Promise<void> {
    return this.#claims.hold([digest], async () => {
      const { size } = await stat(file);
      await moveDurably(file, this.#layout.content(digest));
      await this.#link(name, digest, size);
    });
  }

  /** One repository's links come one after the other, so that two together do not exceed what each may. */
  #link(name: string, digest: string, size: number): Promise<void> {
    const link = this.#layout.blob(name, digest);
    return this.#turns.take(`link ${name}`, async () => {
      const isNew = !(await isThere(link));
      if (isNew) await this.#quota.require(name, size);
      await touch(link);
      if (!isNew) await utimes(link, new Date(), new Date()); // an old one is as if it were new: its manifest comes now
      this.#quota.add(name, size);
    });
  }

  deleteBlob(name: string, digest: string): Promise<void> {
    return this.#turns.take(name, async () => {
      if (!(await isThere(this.#layout.blob(name, digest)))) throw problem("BLOB_UNKNOWN", `no such blob: "${digest}"`);
      const { manifests } = await this.#indexes.of(name);
      await this.#refuseUsed(manifests.keys(), manifests, digest);
      await unlinkDurably(this.#layout.blob(name, digest));
      this.#quota.forget(name);
    });
  }

  /** @throws EngineError `unsupported` when one of the manifests is made of it */
  async #refuseUsed(among: Iterable<string>, manifests: RepositoryIndex["manifests"], digest: string): Promise<void> {
    for (const user of among) {
      const { mediaType } = manifests.get(user)!;
      if (user !== digest && partsOf(await this.readManifest(user), mediaType).includes(digest))
        throw problem("UNSUPPORTED", `"${digest}" is a part of the manifest ${user}: delete that first`);
    }
  }

  async findManifest(name: string, reference: string): Promise<StoredManifest | undefined> {
    const { manifests, tags } = await this.#indexes.of(name);
    const digest = isDigest(reference) ? reference : tags.get(reference);
    const record = digest === undefined ? undefined : manifests.get(digest);
    return record && { digest: digest!, mediaType: record.mediaType, size: record.size };
  }

  async readManifest(digest: string): Promise<Buffer> {
    const known = this.#documents.get(digest);
    if (known) return known;
    const bytes = await readFile(this.#layout.content(digest)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw cause;
      throw problem("MANIFEST_UNKNOWN", `"${digest}" is lost: push it again`, { cause });
    });
    return this.#documents.put(digest, bytes);
  }

  putManifest(name: string, manifest: NewManifest): Promise<void> {
    const digests = [manifest.digest, ...manifest.parts];
    return this.#inTurnHolding(name, digests, async () => {
      const index = await this.#indexes.of(name);
      manifest.check?.(await this.findManifest(name, manifest.tags[0] ?? manifest.digest));
      this.#refuseImmutable(manifest.tags, index, manifest.digest);
      await this.#requireParts(name, manifest, index);
      if (!index.manifests.has(manifest.digest)) await this.#quota.require(name, manifest.bytes.length);
      await this.#writeManifest(name, manifest, index);
      for (const tag of manifest.tags) {
        await writeDurably(this.#layout.tag(name, tag), JSON.stringify({ digest: manifest.digest }), this.#layout.staging);
        (await this.#indexes.of(name)).tags.set(tag, manifest.digest);
      }
    });
  }

  #inTurnHolding<T>(name: string, digests: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#claims.hold(digests, () => this.#turns.take(name, work));
  }

  async #requireParts(name: string, { parts }: NewManifest, { manifests }: RepositoryIndex): Promise<void> {
    const blobs = parts.filter((digest) => !manifests.has(digest));
    const sizes = await Promise.all(blobs.map((digest) => this.blobSize(name, digest)));
    const missing = blobs.find((_, at) => sizes[at] === undefined);
    if (missing !== undefined)
      throw problem("MANIFEST_BLOB_UNKNOWN", `the repository has no "${missing}"`, { detail: { digest: missing } });
  }

  /** The names of its blobs are flushed before its own: whoever has been told that it is there finds all of it. */
  async #writeManifest(name: string, { digest, bytes, mediaType, parts, subject }: NewManifest, index: RepositoryIndex): Promise<void> {
    const { staging } = this.#layout;
    const record = { mediaType, size: bytes.length, ...(subject !== undefined && { subject }) };
    const links = new Set(parts.filter((part) => !index.manifests.has(part)).map((part) => join(this.#layout.blob(name, part), "..")));
    await Promise.all([...links].map(syncDirectory));
    await writeDurably(this.#layout.content(digest), bytes, staging);
    await writeDurably(this.#layout.manifest(name, digest), JSON.stringify(record), staging);
    (await this.#indexes.of(name)).manifests.set(digest, record);
    this.#quota.forget(name);
  }

  deleteManifest(name: string, digest: string): Promise<void> {
    return this.#turns.take(name, async () => {
      const { manifests, tags } = await this.#indexes.of(name);
      if (!manifests.has(digest)) throw problem("MANIFEST_UNKNOWN", `no such manifest: "${digest}"`);
      await this.#refuseUsed(
        [...manifests].filter(([, { mediaType }]) => isIndexType(mediaType)).map(([each]) => each),
        manifests,
        digest,
      );
      const own = [...tags].filter(([, target]) => target === digest).map(([tag]) => tag);
      this.#refuseImmutable(own, { tags });
      await this.#unlinkManifest(name, digest, own);
    });
  }

  /** Tags first: none is ever seen that stands for nothing. */
  async #unlinkManifest(name: string, digest: string, tags: readonly string[]): Promise<void> {
    for (const tag of tags) await this.#unlinkTag(name, tag);
    await unlinkDurably(this.#layout.manifest(name, digest));
    (await this.#indexes.of(name)).manifests.delete(digest);
    this.#quota.forget(name);
  }

  deleteTag(name: string, tag: string): Promise<void> {
    return this.#turns.take(name, async () => {
      const { tags } = await this.#indexes.of(name);
      if (!tags.has(tag)) throw problem("MANIFEST_UNKNOWN", `no such tag: "${tag}"`);
      this.#refuseImmutable([tag], { tags });
      await this.#unlinkTag(name, tag);
    });
  }

  /** @param digest what they would stand for from now on; nothing, when they would go */
  #refuseImmutable(changed: readonly string[], { tags }: Pick<RepositoryIndex, "tags">, digest?: string): void {
    const tag = changed.find((each) => tags.has(each) && tags.get(each) !== digest && this.#isImmutable(each));
    if (tag !== undefined) throw problem("DENIED", `the tag "${tag}" is immutable: it stands for ${tags.get(tag)}`);
  }

  async #unlinkTag(name: string, tag: string): Promise<void> {
    await unlinkDurably(this.#layout.tag(name, tag));
    (await this.#indexes.of(name)).tags.delete(tag);
  }

  async tags(name: string): Promise<string[] | undefined> {
    if (!(await this.hasRepository(name))) return undefined;
    return [...(await this.#indexes.of(name)).tags.keys()].sort();
  }

  async referrers(name: string, subject: string): Promise<Descriptor[]> {
    const { manifests } = await this.#indexes.of(name);
    const found = [...manifests].filter(([, record]) => record.subject === subject);
    return Promise.all(found.map(async ([digest, { mediaType }]) => referrerOf(await this.readManifest(digest), digest, mediaType)));
  }

  collect(grace: number, isDry = false): Promise<Collected> {
    const names = this.#everyRepository();
    return this.#turns.take("", () =>
      collect({
        ...{ layout: this.#layout, claims: this.#claims, before: Date.now() - grace, repositories: names, isDry },
        retain: (name) => this.#retain(name, isDry),
        inTurn: (name, work) => this.#turns.take(name, work),
        partsOf: (name, without) => this.#partsIn(name, without).catch(() => undefined),
        manifestsOf: async (name) => (await this.#indexes.of(name)).manifests.keys(),
      }).finally(() => this.#quota.forgetAll()),
    );
  }

  /** Nothing goes around a manifest that is lost: what it named is not known. */
  async #retain(name: string, isDry: boolean): Promise<Leaving[]> {
    const rules = rulesFor(this.#retention, name);
    const held = rules.length === 0 ? undefined : await this.#held(name).catch(() => undefined);
    const leaving = held ? planRetention(held, rules, this.#isImmutable, Date.now()) : [];
    const { tags } = await this.#indexes.of(name);
    for (const { tag, digest } of isDry ? [] : leaving) {
      if (tag !== undefined) await this.#unlinkTag(name, tag);
      if (digest === undefined) continue;
      const own = [...tags].filter(([, target]) => target === digest).map(([each]) => each);
      await this.#unlinkManifest(name, digest, own);
    }
    return leaving;
  }

  async #held(name: string): Promise<Held> {
    const { manifests, tags } = await this.#indexes.of(name);
    const held = { manifests: new Map<string, HeldManifest>(), tags: new Map<string, { digest: string; pushed: number }>() };
    for (const [digest, { mediaType, subject }] of manifests) {
      const { mtimeMs: pushed } = await stat(this.#layout.manifest(name, digest));
      const parts = isIndexType(mediaType) ? partsOf(await this.readManifest(digest), mediaType) : [];
      held.manifests.set(digest, { pushed, parts, ...(subject !== undefined && { subject }) });
    }
    for (const [tag, digest] of tags) held.tags.set(tag, { digest, pushed: (await stat(this.#layout.tag(name, tag))).mtimeMs });
    return held;
  }

  async #partsIn(name: string, without: ReadonlySet<string>): Promise<Set<string>> {
    const parts = new Set<string>();
    const manifests = [...(await this.#indexes.of(name)).manifests].filter(([digest]) => !without.has(digest));
    for (const [digest, { mediaType }] of manifests)
      for (const part of partsOf(await this.readManifest(digest), mediaType)) parts.add(part);
    return parts;
  }

  get uploads(): number {
    return this.#uploads.size;
  }

  /** Who asks while somebody looks hears the same. */
  requireWritable(): Promise<void> {
    this.#probe ??= writeDurably(join(this.#layout.staging, "probe"), "", this.#layout.staging).finally(() => {
      this.#probe = undefined;
    });
    return this.#probe;
  }

  scrub(): Promise<Scrubbed> {
    return this.#turns.take("", () => scrub(this.#layout));
  }

  startUpload(name: string, algorithm: Algorithm): Upload {
    return this.#uploads.start(name, algorithm);
  }

  findUpload(name: string, id: string): Promise<Upload> {
    return this.#uploads.find(name, id);
  }
}

async function hasManifests(directory: string): Promise<boolean> {
  const ofEach = await Promise.all(algorithms.map((algorithm) => namesIn(join(directory, "_manifests", algorithm))));
  return ofEach.some((names) => names.length > 0);
}

async function isThere(path: string): Promise<boolean> {
  return (await statOf(path)) !== undefined;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
