/**
 * `pull --all-platforms`: all that a name leads to comes into the blob store as it is: the manifests, configs and layers of every
 * platform, attestations, and what refers to any of them.
 */
import { EngineError } from "../errors.ts";
import type { ProgressEvent } from "../events.ts";
import {
  familiar,
  isDistributable,
  isDocumentType,
  isIndexType,
  parseImageConfig,
  parseIndex,
  parseManifest,
  pulledNames,
  type Reference,
  repository,
} from "../image/documents/index.ts";
import { parallel, Slots } from "../image/layers/index.ts";
import { Meter } from "../image/progress.ts";
import { BlobHolds, chooseVariant, readDocument, type StoredDocument, unpackVariant, variantsOf } from "../image/store/index.ts";
import type { Descriptor, Manifest } from "../image/types.ts";
import type { Platform } from "../platform.ts";
import type { Ground } from "../state/ground.ts";
import type { Admission } from "../state/lent.ts";
import { readBlob } from "./blob.ts";
import { type ClientOptions, RegistryClient } from "./client.ts";
import { rememberBlob } from "./layer-blob.ts";
import { fetchDocument, fetchTop, refusing } from "./manifest.ts";
import { listReferrers } from "./referrers.ts";

/** Indexes in indexes, and signatures of signatures. */
const depthLimit = 5;

type Report = (event: ProgressEvent) => void;

/**
 * Keeps all of it, and unpacks the image for the platform, or the first where there is none.
 * @param admit asks the policies about what the name stands for, before anything of it is fetched
 * @returns the image that was unpacked, and the digest of what the name stands for
 * @throws EngineError `registry`, `registry-auth`, `not-found`, `corrupt`, `no-space`, `cancelled`
 */
export async function pullTree(
  ground: Ground,
  reference: Reference,
  {
    platform,
    signal,
    insecure,
    credentials,
  }: { platform: Platform; signal: AbortSignal } & Pick<ClientOptions, "insecure" | "credentials">,
  report: Report,
  admit: (top: StoredDocument) => Promise<Admission | undefined>,
): Promise<{ id: string; top: string }> {
  using holds = new BlobHolds(ground);
  const abort = new AbortController();
  const client = new RegistryClient(reference, { insecure, credentials, signal: AbortSignal.any([signal, abort.signal]) });
  const tree = new Tree(ground, client, holds, report);
  const top = await fetchTop(client);
  const admission = await admit(top);
  try {
    await tree.add(top);
    await tree.done();
  } catch (error) {
    abort.abort(error);
    await tree.stopped();
    throw error;
  }
  const variants = variantsOf(ground, top.digest).filter(({ kind, isWhole }) => kind === "image" && isWhole);
  const chosen = chooseVariant(variants, platform) ?? variants[0];
  if (!chosen) throw new EngineError("not-found", `"${familiar(reference)}" has no image`);
  const id = await unpackVariant(ground, chosen, { report, signal }, { references: pulledNames(reference, top.digest), top: top.digest });
  await admission?.keep();
  for (const { manifest } of variants) rememberLayers(ground, manifest!, repository(reference));
  return { id, top: top.digest };
}

/** So that a push to the same registry can mount them. */
function rememberLayers(ground: Ground, { config, layers }: Manifest, where: string): void {
  const text = readDocument(ground, config.digest)?.text;
  if (text === undefined) return;
  const { diff_ids: diffIds } = parseImageConfig(text, () => new EngineError("corrupt", `config ${config.digest} is malformed`)).rootfs;
  for (const [at, diffId] of diffIds.entries()) if (layers[at]) rememberBlob(ground, diffId, layers[at], where);
}

class Tree {
  readonly #ground: Ground;
  readonly #client: RegistryClient;
  readonly #holds: BlobHolds;
  readonly #report: Report;
  readonly #slots = new Slots(parallel);
  readonly #blobs = new Map<string, Promise<void>>();
  readonly #seen = new Set<string>();

  constructor(ground: Ground, client: RegistryClient, holds: BlobHolds, report: Report) {
    this.#ground = ground;
    this.#client = client;
    this.#holds = holds;
    this.#report = report;
  }

  async add(document: StoredDocument, depth = 0): Promise<void> {
    if (this.#seen.has(document.digest)) return;
    this.#seen.add(document.digest);
    this.#holds.keep(document);
    const refuse = refusing(this.#client);
    if (isIndexType(document.mediaType)) {
      for (const child of parseIndex(document.text, refuse).manifests)
        if (isDocumentType(child.mediaType)) await this.#follow(child.digest, depth);
    } else {
      const { config, layers } = parseManifest(document.text, refuse);
      for (const blob of [config, ...layers]) if (isDistributable(blob.mediaType)) this.#fetch(blob);
    }
    for (const referrer of await listReferrers(this.#client, document.digest)) await this.#follow(referrer.digest, depth);
  }

  async #follow(digest: string, depth: number): Promise<void> {
    if (depth === depthLimit) throw refusing(this.#client)("its indexes are nested too deeply");
    await this.add(readDocument(this.#ground, digest) ?? (await fetchDocument(this.#client, digest, digest)), depth + 1);
  }

  #fetch(blob: Descriptor): void {
    if (this.#blobs.has(blob.digest)) return;
    const meter = new Meter(this.#report, blob.digest.slice(7, 19), blob.size);
    meter.state("Pulling fs layer");
    const fetching = this.#slots.run(async () => {
      await this.#holds.keepStream(blob, () => this.#bytes(blob, meter));
      meter.state("Download complete", true);
    });
    fetching.catch(() => {}); // reported by `done`
    this.#blobs.set(blob.digest, fetching);
  }

  async *#bytes(blob: Descriptor, meter: Meter): AsyncGenerator<Buffer> {
    const onRetry = ({ message }: Error) => this.#report({ type: "message", text: `${meter.id}: trying again: ${message}` });
    for await (const chunk of readBlob(this.#client, blob, { onRetry })) {
      meter.add(chunk.length, "Downloading");
      yield chunk;
    }
  }

  /** Waits for what is under way, or for the first failure. */
  async done(): Promise<void> {
    await Promise.all(this.#blobs.values());
  }

  /** Waits until nothing is under way. */
  async stopped(): Promise<void> {
    await Promise.allSettled(this.#blobs.values());
  }
}
