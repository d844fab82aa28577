/**
 * A repository that is a copy of an upstream's: what is missing is fetched when somebody asks for it, and kept. Tags are looked at again
 * after a while; when the upstream cannot be asked, what is here is given out as it is.
 */
import { EngineError } from "../../../errors.ts";
import type { Pace } from "../../../http/pace.ts";
import { isIndexType, isManifestType } from "../../../image/documents/index.ts";
import type { Descriptor } from "../../../image/types.ts";
import { readBlob } from "../../blob.ts";
import { RegistryClient } from "../../client.ts";
import { acceptedManifests, fetchDocument } from "../../manifest.ts";
import { listReferrers } from "../../referrers.ts";
import { listTags } from "../../tags.ts";
import { readPushed } from "../protocol/document.ts";
import { algorithmOf, digestOf, isDigest } from "../protocol/names.ts";
import { type ProblemCode, problem } from "../protocol/problem.ts";
import type { RegistryStorage, StoredManifest } from "../storage/storage.ts";
import type { UpstreamRule } from "./address.ts";
import { Incoming } from "./incoming.ts";

interface CopyOptions {
  storage: RegistryStorage;
  /** Here. */
  name: string;
  /** There. */
  path: string;
  rule: UpstreamRule;
  /** Calls off what is being fetched. */
  signal: AbortSignal;
}

/** Something that may be older than the upstream's. */
export interface Given<T> {
  value: T;
  isStale: boolean;
}

const usualTtl = 60_000;
/** Milliseconds for which an upstream that could not be reached is not asked for what is here already. */
const rest = 10_000;
/** A client waits meanwhile. */
const pace: Pace = { floor: 1024, window: 30_000, document: 20_000 };
/** Tags whose age is known. */
const tagLimit = 10_000;

/** Docker Hub has one name for users and another for its server. */
const domainOf = ({ host }: URL) => (/^(registry-1|index)\.docker\.io$/.test(host) ? "docker.io" : host);

export class Copy {
  readonly #options: CopyOptions;
  readonly #client: RegistryClient;
  /** When each tag was looked at: milliseconds. */
  readonly #seen = new Map<string, number>();
  readonly #fetches = new Map<string, Promise<StoredManifest>>();
  readonly #blobs = new Map<string, Promise<Incoming>>();
  #downUntil = 0;

  constructor(options: CopyOptions) {
    const { signal } = options;
    const { url, credentials } = options.rule;
    this.#options = options;
    const path = domainOf(url) === "docker.io" && !options.path.includes("/") ? `library/${options.path}` : options.path;
    this.#client = new RegistryClient(
      { domain: domainOf(url), path },
      { pace, signal, insecure: url.protocol === "http:", ...(credentials && { credentials }) },
    );
  }

  get isIdle(): boolean {
    return this.#fetches.size + this.#blobs.size === 0;
  }

  /** Resolves when all that was being fetched is here, or never will be. */
  async settled(): Promise<void> {
    const blobs = [...this.#blobs.values()].map((beginning) => beginning.then(({ finished }) => finished));
    await Promise.allSettled([...this.#fetches.values(), ...blobs]);
  }

  /** "https://registry.example": for messages. */
  get origin(): string {
    return this.#options.rule.url.origin;
  }

  /** By tag or digest, fetched when it is not here or not the upstream's any more. @throws EngineError `not-found`, `registry` */
  async manifest(reference: string): Promise<Given<StoredManifest>> {
    const { storage, name } = this.#options;
    const here = await storage.findManifest(name, reference);
    if (here && (isDigest(reference) || this.#isFresh(reference))) return { value: here, isStale: false };
    return this.#orHere(here, async () => {
      if (here && (await this.#digestOf(reference)) === here.digest) return this.#looked(reference, here);
      return this.#looked(reference, await this.#fetch(reference));
    });
  }

  #isFresh(tag: string): boolean {
    return Date.now() - (this.#seen.get(tag) ?? Number.NEGATIVE_INFINITY) < (this.#options.rule.ttl ?? usualTtl);
  }

  #looked<T>(tag: string, value: T): T {
    if (this.#seen.size >= tagLimit) this.#seen.clear();
    this.#seen.set(tag, Date.now());
    return value;
  }

  /** What the upstream says, or, while it cannot be asked, what is here. */
  async #orHere<T>(here: T | undefined, ask: () => Promise<T>): Promise<Given<T>> {
    if (here !== undefined && Date.now() < this.#downUntil) return { value: here, isStale: true };
    try {
      return { value: await ask(), isStale: false };
    } catch (error) {
      const { code, details } = error as EngineError;
      const isAway = code === "registry" || code === "registry-auth";
      if (isAway && details?.["status"] === undefined) this.#downUntil = Date.now() + rest;
      // "permission": what it has now may not be kept, as its tag is immutable here, or for want of room.
      if (here !== undefined && (isAway || code === "corrupt" || code === "permission")) return { value: here, isStale: true };
      throw this.#asOurs(error);
    }
  }

  /** Client errors become answers of this registry; its own pass through. */
  #asOurs(error: unknown, missing: ProblemCode = "MANIFEST_UNKNOWN"): unknown {
    if (!(error instanceof EngineError) || error.details?.["problem"]) return error;
    if (error.code === "not-found" || error.code === "registry-auth")
      return problem(missing, `${this.origin} does not have it, or does not give it: ${error.message}`, { cause: error });
    if (error.code === "registry" || error.code === "corrupt" || error.code === "cancelled")
      return problem("UNKNOWN", `cannot fetch it from ${this.origin}: ${error.message}`, { cause: error });
    return error;
  }

  /** What a tag stands for there; undefined when that is not said. @throws EngineError `not-found`: then it is gone here, too */
  async #digestOf(tag: string): Promise<string | undefined> {
    const response = await this.#client.call(`manifests/${tag}`, { method: "HEAD", headers: { accept: acceptedManifests } });
    response.discard();
    if (response.status === 200) return response.headers["docker-content-digest"];
    const { storage, name } = this.#options;
    if (response.status === 404) await storage.deleteTag(name, tag).catch(() => {}); // immutable, or gone already
    throw await this.#client.refusal(response, `tag "${tag}"`);
  }

  /** Who asks for the same meanwhile gets the same. */
  #fetch(reference: string): Promise<StoredManifest> {
    const known = this.#fetches.get(reference);
    if (known) return known;
    const fetching = this.#fetchAnew(reference).finally(() => this.#fetches.delete(reference));
    this.#fetches.set(reference, fetching);
    return fetching;
  }

  async #fetchAnew(reference: string): Promise<StoredManifest> {
    const { storage, name } = this.#options;
    const { text, mediaType: said } = await fetchDocument(this.#client, reference, isDigest(reference) ? reference : undefined);
    const bytes = Buffer.from(text);
    const digest = digestOf(bytes, isDigest(reference) ? algorithmOf(reference) : "sha256");
    if (isDigest(reference) && digest !== reference) throw new EngineError("corrupt", `its content is ${digest}, not ${reference}`);
    const { mediaType, subject } = readPushed(bytes, isManifestType(said) || isIndexType(said) ? said : undefined);
    // What it is made of comes when somebody asks for it.
    const manifest = { digest, mediaType, bytes, parts: [], tags: isDigest(reference) ? [] : [reference] };
    await storage.putManifest(name, { ...manifest, ...(subject !== undefined && { subject }) });
    return { digest, mediaType, size: bytes.length };
  }

  /** Bytes of a blob there; undefined when there is none. */
  async blobSize(digest: string): Promise<number | undefined> {
    try {
      const response = await this.#client.call(`blobs/${digest}`, { method: "HEAD" });
      response.discard();
      if (response.status === 404) return undefined;
      const size = Number(response.headers["content-length"] ?? Number.NaN);
      if (response.status === 200 && Number.isSafeInteger(size)) return size;
      throw await this.#client.refusal(response, `blob ${digest}`);
    } catch (error) {
      throw this.#asOurs(error, "BLOB_UNKNOWN");
    }
  }

  /** A blob that begins to come, or comes already; undefined when there is none. @throws EngineError `registry` */
  async blob(digest: string): Promise<Incoming | undefined> {
    const known = this.#blobs.get(digest);
    if (known) return known;
    const beginning = this.#begin(digest);
    this.#blobs.set(digest, beginning);
    const leave = () => this.#blobs.delete(digest);
    void beginning.then(({ finished }) => finished).then(leave, leave);
    return beginning.catch((error) => {
      if (error === noBlob) return undefined;
      throw error;
    });
  }

  async #begin(digest: string): Promise<Incoming> {
    const size = await this.blobSize(digest);
    if (size === undefined) throw noBlob;
    const { storage, name } = this.#options;
    const descriptor: Descriptor = { mediaType: "application/octet-stream", digest, size };
    return new Incoming(storage.startUpload(name, algorithmOf(digest)), descriptor, readBlob(this.#client, descriptor));
  }

  /** @returns undefined when there is no such repository */
  async tags(): Promise<Given<string[] | undefined>> {
    const here = await this.#options.storage.tags(this.#options.name);
    return this.#orHere<string[] | undefined>(here, async () => (await listTags(this.#client)).sort());
  }

  async referrers(subject: string): Promise<Given<Descriptor[]>> {
    const here = await this.#options.storage.referrers(this.#options.name, subject);
    return this.#orHere(here, () => listReferrers(this.#client, subject));
  }
}

const noBlob = new Error("there is no such blob");
