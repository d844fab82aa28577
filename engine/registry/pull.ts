/** `pull`: an image from a registry into the store, every byte verified, layers fetched and unpacked as they come. */
import type { Credentials } from "../docker.ts";
import { EngineError } from "../errors.ts";
import type { ProgressEvent } from "../events.ts";
import {
  familiar,
  familiarRepository,
  full,
  parseImageConfig,
  parseReference,
  pulledNames,
  type Reference,
  type Refuse,
  refuseReserved,
  repository,
  satisfies,
  withTag,
} from "../image/documents/index.ts";
import { holding, storeStack } from "../image/layers/index.ts";
import { Meter, reporting } from "../image/progress.ts";
import { BlobHolds, digestsBeside, emitImage, findImage, insertImage, type StoredDocument } from "../image/store/index.ts";
import type { Manifest } from "../image/types.ts";
import { formatPlatform, hostPlatform, type Platform, parsePlatform } from "../platform.ts";
import type { Ground } from "../state/ground.ts";
import type { Admission } from "../state/lent.ts";
import { readBlob } from "./blob.ts";
import { RegistryClient } from "./client.ts";
import { rememberBlob } from "./layer-blob.ts";
import { fetchDocumentBlob, fetchManifest } from "./manifest.ts";
import { listTags } from "./tags.ts";

export interface PullOptions {
  /** "os/arch[/variant]" */
  platform?: string;
  /** Every tag of the repository. */
  allTags?: boolean;
  /** All that the name leads to is kept: other platforms, attestations, what refers to them. This host's image is unpacked. */
  allPlatforms?: boolean;
  insecure?: boolean;
  credentials?: Credentials | null;
  /** Without what the policies ask for, if they permit that. */
  noVerify?: boolean;
  signal?: AbortSignal;
}

export interface Pulled {
  Id: string;
  /** Full reference. */
  Reference: string;
  Digest: string;
}

type Report = (event: ProgressEvent) => void;

/**
 * @returns the image; with `allTags` the last one
 * @throws EngineError `registry`, `registry-auth`, `not-found`, `corrupt`, `no-space`, `cancelled`
 */
export async function* pullImage(ground: Ground, ref: string, options: PullOptions = {}): AsyncGenerator<ProgressEvent, Pulled> {
  const parsed = parseReference(ref);
  refuseReserved(parsed);
  const platform = options.platform ? parsePlatform(options.platform) : hostPlatform();
  if (options.allPlatforms && options.platform)
    throw new EngineError("invalid", `cannot pull all platforms of "${ref}" and only ${options.platform}`, {
      hint: "leave out one of the two",
    });
  if (options.allTags && (parsed.tag || parsed.digest))
    throw new EngineError("invalid", `cannot pull "${ref}": tag can't be used with --all-tags/-a`);
  return yield* reporting(async (report, signal) => {
    const { insecure, credentials } = options;
    const wish: Wish = { platform, isWhole: options.allPlatforms === true, isUnverified: options.noVerify, insecure, credentials, signal };
    const pullOne = (reference: Reference) =>
      holding(ground, () => pullReference(ground, reference, wish, report)).catch((error: unknown) => {
        throw withDigestsHere(ground, reference, error);
      });
    if (!options.allTags) return await pullOne(withTag(parsed));
    let last: Pulled | undefined;
    for (const tag of await listTags(new RegistryClient(parsed, wish))) last = await pullOne(parseReference(`${ref}:${tag}`));
    if (!last) throw new EngineError("not-found", `"${ref}" has no tags`);
    return last;
  }, options.signal);
}

/** Of a digest that is not to be had: what is here under that name says which was meant, or that it changed. */
function withDigestsHere(ground: Ground, reference: Reference, error: unknown): unknown {
  if (!(error instanceof EngineError) || reference.digest === undefined || error.code === "cancelled") return error;
  const here = digestsBeside(ground, reference).filter((digest) => digest !== reference.digest);
  if (here.length === 0) return error;
  const { code, message, hint, exit, details } = error;
  const text = `${message} (${reference.digest} was asked for; what is here of "${familiarRepository(reference)}" is ${here.join(", ")})`;
  return new EngineError(code, text, { cause: error, hint, exit, details });
}

interface Wish {
  platform: Platform;
  /** All platforms. */
  isWhole: boolean;
  isUnverified: boolean | undefined;
  insecure: boolean | undefined;
  credentials: Credentials | null | undefined;
  signal: AbortSignal;
}

async function pullReference(ground: Ground, reference: Reference, wish: Wish, report: Report): Promise<Pulled> {
  report({ type: "message", text: `${reference.digest ?? reference.tag}: Pulling from ${reference.path}` });
  const before = findImage(ground, familiar(reference))?.image.id;
  const { id: Id, top } = wish.isWhole
    ? await (await import("./pull-tree.ts")).pullTree(ground, reference, wish, report, (top) =>
        admitPulled(ground, reference, [top], wish, report),
      )
    : await pullImageFor(ground, reference, wish, report);
  emitImage(ground, "pull", Id, familiar(reference));
  report({ type: "message", text: `Digest: ${top}` });
  report({
    type: "message",
    text: `Status: ${before === Id ? "Image is up to date" : "Downloaded newer image"} for ${familiar(reference)}`,
  });
  const { domain, path } = reference;
  return { Id, Reference: `${domain}/${path}${reference.tag ? `:${reference.tag}` : `@${top}`}`, Digest: top };
}

/** The image for a platform, with the documents that led to it. */
async function pullImageFor(ground: Ground, reference: Reference, wish: Wish, report: Report): Promise<{ id: string; top: string }> {
  const { platform, signal, insecure, credentials } = wish;
  const client = new RegistryClient(reference, { insecure, credentials, signal });
  const { manifest, digest, topDigest: top, documents } = await fetchManifest(client, platform);
  const admission = await admitPulled(ground, reference, documents, wish, report);
  const config = await fetchDocumentBlob(client, manifest.config);
  const diffIds = readConfig(config, manifest, platform, reference, report);
  if (!findImage(ground, manifest.config.digest)) await pullLayers(ground, client, manifest, diffIds, report, signal);
  using holds = new BlobHolds(ground);
  for (const document of documents) holds.keep(document);
  const { Id: id } = insertImage(ground, { config, references: pulledNames(reference, top), manifest: digest, top });
  await admission?.keep();
  for (const [index, layer] of manifest.layers.entries()) rememberBlob(ground, diffIds[index]!, layer, repository(reference));
  return { id, top };
}

/** Asks the policies about what was fetched, before anything more is. @param documents from the top */
async function admitPulled(
  ground: Ground,
  reference: Reference,
  documents: readonly StoredDocument[],
  { isUnverified, ...access }: Pick<Wish, "isUnverified" | "insecure" | "credentials" | "signal">,
  report: Report,
): Promise<Admission | undefined> {
  const { insecure, credentials, signal } = access;
  const digests = documents.map((each) => each.digest);
  const candidate = { name: full(reference), digests, isUnverified, access: { insecure, credentials, signal } };
  const admission = await ground.lent.trust.admit(candidate);
  for (const text of admission?.lines ?? []) report({ type: isUnverified ? "warning" : "message", text });
  return admission;
}

/** @returns its diff ids, one for each layer of the manifest */
function readConfig(text: string, manifest: Manifest, platform: Platform, reference: Reference, report: Report): string[] {
  const name = familiar(reference);
  const refuse: Refuse = (why, cause) => new EngineError("corrupt", `cannot use "${name}": its config is malformed: ${why}`, { cause });
  const config = parseImageConfig(text, refuse);
  if (config.architecture && !satisfies({ ...config, os: config.os || "linux" }, platform))
    report({ type: "warning", text: `"${name}" is for ${formatPlatform(config)}, not for ${formatPlatform(platform)}` });
  if (config.rootfs.diff_ids.length !== manifest.layers.length)
    throw new EngineError("corrupt", `cannot use "${name}": its config and its manifest do not name the same layers`);
  return config.rootfs.diff_ids;
}

async function pullLayers(
  ground: Ground,
  client: RegistryClient,
  manifest: Manifest,
  diffIds: string[],
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { layers } = manifest;
  const meters = layers.map((layer) => new Meter(report, layer.digest.slice(7, 19), layer.size));
  for (const meter of meters) meter.state("Pulling fs layer");
  await storeStack(
    ground,
    diffIds,
    {
      open: (index) =>
        readBlob(client, layers[index]!, {
          onRetry: ({ message }) => report({ type: "message", text: `${meters[index]!.id}: trying again: ${message}` }),
        }),
      verify: (index, { blobDigest, blobSize }) => {
        const { digest, size } = layers[index]!;
        if (blobDigest !== digest || blobSize !== size)
          throw new EngineError("corrupt", `layer ${digest} is damaged: the registry sent ${blobDigest} (${blobSize} bytes)`);
      },
      onState: (index, state) => {
        const meter = meters[index]!;
        if (state === "exists") meter.state("Already exists", true);
        if (state === "waiting") meter.state("Waiting");
        if (state === "started") meter.state("Downloading");
        if (state === "unpacked") meter.state("Download complete");
        if (state === "complete") meter.state("Pull complete", true);
      },
      onProgress: (index, bytes) => meters[index]!.add(bytes, "Downloading"),
    },
    signal,
  );
}
