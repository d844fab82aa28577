/**
 * Copying between repositories, of one registry or two, without the store: manifests byte for byte, what they name before them, and on
 * demand what refers to them.
 */
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import {
  familiar,
  isDistributable,
  isDocumentType,
  isIndexType,
  parseIndex,
  parseManifest,
  parseReference,
  type Reference,
  repository,
} from "../../image/documents/index.ts";
import { parallel, Slots } from "../../image/layers/index.ts";
import { Meter, reporting } from "../../image/progress.ts";
import type { Descriptor, StoredDocument } from "../../image/types.ts";
import { type ClientOptions, RegistryClient } from "../client.ts";
import { copyBlob } from "../copy-blob.ts";
import { fetchDocument, refusing } from "../manifest.ts";
import { listReferrers, putReferrer } from "../referrers.ts";
import { listTags } from "../tags.ts";
import { hasManifest, putManifest } from "../upload.ts";
import { repositoryClient } from "./access.ts";
import { cosignTags, isDigestTag } from "./attached.ts";
import { rawManifest } from "./details.ts";

export interface CopyOptions extends Pick<ClientOptions, "insecure" | "signal"> {
  /** Of an index the manifest for this one alone: "os/arch[/variant]". */
  platform?: string | undefined;
  /** What refers to what is copied goes with it, and cosign's tags. */
  referrers?: boolean;
  /** Every tag of the repository. */
  allTags?: boolean;
}

export interface Copied {
  /** In full, with its tag where it has one. */
  Reference: string;
  Digest: string;
}

type Report = (event: ProgressEvent) => void;

/** Indexes in indexes, and signatures of signatures. */
const depthLimit = 8;

/**
 * @param source what is copied; with `allTags` a repository
 * @param target without a tag it gets the source's, or none where that has a digest
 * @throws EngineError `invalid`, `not-found`, `registry`, `registry-auth`, `corrupt`, `cancelled`
 */
export async function* copyRemote(source: string, target: string, options: CopyOptions = {}): AsyncGenerator<ProgressEvent, Copied[]> {
  const [from, to] = [parseReference(source), parseReference(target)];
  if (to.digest !== undefined)
    throw new EngineError("invalid", `cannot copy to "${target}": what is copied keeps its own digest`, {
      hint: "name a tag, or only the repository",
    });
  if (options.allTags && (from.tag ?? from.digest ?? to.tag) !== undefined)
    throw new EngineError("invalid", `cannot copy all tags of "${source}" to "${target}": one is named already`, {
      hint: "name repositories, or leave out --all-tags",
    });
  return yield* reporting(async (report, signal) => {
    const copied: Copied[] = [];
    for (const [one, other] of options.allTags ? await pairsOf(source, to, { ...options, signal }, report) : [pairOf(from, to)])
      copied.push(await copyOne(one, other, { ...options, signal }, report));
    return copied;
  }, options.signal);
}

/** The reference to be copied with a tag, and what it becomes. */
function pairOf(from: Reference, to: Reference): [Reference, Reference] {
  const one = from.digest === undefined && from.tag === undefined ? { ...from, tag: "latest" } : from;
  const tag = to.tag ?? (one.digest === undefined ? one.tag : undefined);
  return [one, { ...to, ...(tag !== undefined && { tag }) }];
}

/** An index of referrers is no image's: what it lists is copied by what it refers to, and may be listed with others there. */
async function pairsOf(source: string, to: Reference, options: CopyOptions, report: Report): Promise<[Reference, Reference][]> {
  const client = repositoryClient(source, options);
  const all = await listTags(client);
  const tags = all.filter((tag) => !isDigestTag(tag) || /\.\w+$/.test(tag));
  if (tags.length === 0) throw new EngineError("not-found", `"${source}" has no tags`);
  if (tags.length < all.length && !options.referrers)
    report({ type: "warning", text: `what refers to other manifests in "${source}" stays behind: --referrers takes it along` });
  return tags.map((tag) => [
    { ...client.reference, tag },
    { ...to, tag },
  ]);
}

async function copyOne(from: Reference, to: Reference, options: CopyOptions, report: Report): Promise<Copied> {
  const { insecure = false, platform } = options;
  const abort = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
  const source = new RegistryClient(from, { insecure, signal });
  const mountsFrom = from.domain === to.domain ? [from.path] : [];
  const target = new RegistryClient(to, { insecure, signal, actions: "pull,push", mountsFrom });
  const top = await rawManifest(familiar(from), { insecure, signal, platform });
  report({ type: "message", text: `Copying ${familiar(from)} to ${familiar(to)}` });
  const passage = new TreePassage(source, target, report);
  try {
    await passage.take(top, to.tag);
    if (options.referrers) await passage.takeAttached();
  } catch (error) {
    abort.abort(error);
    await passage.stopped();
    throw error;
  }
  report({ type: "message", text: `${to.tag ?? top.digest}: digest: ${top.digest} size: ${Buffer.byteLength(top.text)}` });
  return { Reference: `${repository(to)}${to.tag === undefined ? `@${top.digest}` : `:${to.tag}`}`, Digest: top.digest };
}

class TreePassage {
  readonly #source: RegistryClient;
  readonly #target: RegistryClient;
  readonly #report: Report;
  readonly #slots = new Slots(parallel);
  readonly #blobs = new Map<string, Promise<void>>();
  /** Digests of the manifests and indexes that are there now. */
  readonly #taken = new Set<string>();

  constructor(source: RegistryClient, target: RegistryClient, report: Report) {
    this.#source = source;
    this.#target = target;
    this.#report = report;
  }

  /** Copies a document with all that it names, from the bottom up. @param tag what it is called there; else its digest */
  async take(document: StoredDocument, tag?: string): Promise<void> {
    if (!(await hasManifest(this.#target, document.digest))) await this.#takeNamed(document, 0);
    await putManifest(this.#target, tag ?? document.digest, document.mediaType, document.text);
    this.#taken.add(document.digest);
  }

  async #takeNamed(document: StoredDocument, depth: number): Promise<void> {
    const refuse = refusing(this.#source);
    if (depth === depthLimit) throw refuse("its indexes are nested too deeply");
    if (isIndexType(document.mediaType)) {
      for (const { digest } of parseIndex(document.text, refuse).manifests) await this.#takeByDigest(digest, depth + 1);
      return;
    }
    const { config, layers } = parseManifest(document.text, refuse);
    await Promise.all([config, ...layers].filter(({ mediaType }) => isDistributable(mediaType)).map((blob) => this.#takeBlob(blob)));
  }

  async #takeByDigest(digest: string, depth: number): Promise<void> {
    if (this.#taken.has(digest)) return;
    // A registry takes a manifest when it has all that this names.
    if (!(await hasManifest(this.#target, digest))) {
      const document = await fetchDocument(this.#source, digest, digest);
      await this.#takeNamed(document, depth);
      await putManifest(this.#target, digest, document.mediaType, document.text);
    }
    this.#taken.add(digest);
  }

  #takeBlob(blob: Descriptor): Promise<void> {
    let copying = this.#blobs.get(blob.digest);
    if (!copying) {
      const meter = new Meter(this.#report, blob.digest.slice(blob.digest.indexOf(":") + 1).slice(0, 12), blob.size);
      copying = this.#slots.run(() => copyBlob(this.#source, this.#target, blob, meter));
      copying.catch(() => {}); // whoever waits for it is told
      this.#blobs.set(blob.digest, copying);
    }
    return copying;
  }

  /** What refers to anything that was taken, and to that again. */
  async takeAttached(): Promise<void> {
    const subjects = new Set<string>();
    for (const digest of this.#taken) await this.#below(digest, subjects);
    // A set that grows while it is walked through is walked through to its new end.
    for (const subject of subjects) {
      for (const { digest } of await listReferrers(this.#source, subject)) await this.#takeReferrer(digest, subjects);
      for (const { tag } of cosignTags(subject))
        if (await hasManifest(this.#source, tag)) await this.take(await fetchDocument(this.#source, tag), tag);
    }
  }

  async #takeReferrer(digest: string, subjects: Set<string>): Promise<void> {
    if (subjects.has(digest)) return;
    const document = await fetchDocument(this.#source, digest, digest);
    await this.#takeNamed(document, 0);
    await putReferrer(this.#target, document);
    this.#taken.add(digest);
    subjects.add(digest);
  }

  /** Also of manifests that the target had before. */
  async #below(digest: string, found: Set<string>): Promise<void> {
    if (found.has(digest)) return;
    found.add(digest);
    const document = await fetchDocument(this.#source, digest, digest);
    if (!isIndexType(document.mediaType)) return;
    for (const child of parseIndex(document.text, refusing(this.#source)).manifests)
      if (isDocumentType(child.mediaType)) await this.#below(child.digest, found);
  }

  /** Waits until nothing is under way. */
  async stopped(): Promise<void> {
    await Promise.allSettled(this.#blobs.values());
  }
}
