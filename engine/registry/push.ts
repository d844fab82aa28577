/** `push`: an image's layers, compressed on the way, its config and its manifest to a registry. */
import type { Credentials } from "../docker.ts";
import { EngineError } from "../errors.ts";
import type { ProgressEvent } from "../events.ts";
import {
  familiar,
  familiarRepository,
  mediaTypes,
  parseReference,
  type Reference,
  refuseReserved,
  repository,
  satisfies,
  sha256,
  withTag,
} from "../image/documents/index.ts";
import { layersOf, parallel, Slots } from "../image/layers/index.ts";
import { reporting } from "../image/progress.ts";
import {
  addManifest,
  BlobHolds,
  below,
  changeTop,
  chooseVariant,
  emitImage,
  type Found,
  findImage,
  type ImageRow,
  type KeptDocuments,
  keepImage,
  keptDocuments,
  parseConfig,
  type StoredDocument,
  setReference,
  tagsBeside,
  topOf,
  type Variant,
  variantsOf,
} from "../image/store/index.ts";
import type { Descriptor, Manifest } from "../image/types.ts";
import { formatPlatform, type Platform, parsePlatform } from "../platform.ts";
import type { Ground } from "../state/ground.ts";
import { RegistryClient } from "./client.ts";
import { pushLayer } from "./layer-blob.ts";
import { pushOthers, pushReferrers, pushVariant } from "./push-tree.ts";
import { putManifest, uploadBytes } from "./upload.ts";

export interface PushOptions {
  /** Every tag of the repository. */
  allTags?: boolean;
  /** Of an index only the manifest for this one: "os/arch[/variant]". */
  platform?: string;
  credentials?: Credentials | null;
  signal?: AbortSignal;
}

type Report = (event: ProgressEvent) => void;

/** @throws EngineError `not-found`, `registry`, `registry-auth`, `cancelled` */
export async function* pushImage(
  ground: Ground,
  ref: string,
  options: PushOptions = {},
): AsyncGenerator<ProgressEvent, { Digest: string }> {
  const parsed = parseReference(ref);
  refuseReserved(parsed);
  if (parsed.digest) throw new EngineError("invalid", `cannot push "${ref}": a digest cannot be pushed`, { hint: "push a tag" });
  if (options.allTags && parsed.tag) throw new EngineError("invalid", `cannot push "${ref}": tag can't be used with --all-tags/-a`);
  const platform = options.platform ? parsePlatform(options.platform) : undefined;
  const references = options.allTags ? tagsBeside(ground, parsed) : [withTag(parsed)];
  if (references.length === 0) throw new EngineError("not-found", `no tags of "${ref}" in the store`);
  return yield* reporting(async (report, signal) => {
    report({ type: "message", text: `The push refers to repository [${repository(parsed)}]` });
    let digest = "";
    if (platform) report({ type: "message", text: platformNote });
    for (const reference of references)
      digest = await pushOne(ground, reference, platform, report, { credentials: options.credentials, signal });
    return { Digest: digest };
  }, options.signal);
}

const platformNote =
  "Only the manifest for that platform is sent: attestations and other platforms of the image stay behind. Leave out --platform to send all of it";

async function pushOne(
  ground: Ground,
  reference: Reference,
  platform: Platform | undefined,
  report: Report,
  { credentials, signal }: { credentials: Credentials | null | undefined; signal: AbortSignal },
): Promise<string> {
  const found = findImage(ground, familiar(reference)) ?? missing(ground, reference);
  const abort = new AbortController();
  const client = new RegistryClient(reference, { actions: "pull,push", credentials, signal: AbortSignal.any([signal, abort.signal]) });
  const variant = platform && variantFor(ground, found, platform);
  let top: StoredDocument;
  if (variant && !variant.image) {
    await pushVariant(ground, client, variant, report);
    top = variant.document!;
    await putManifest(client, reference.tag!, top.mediaType, top.text);
  } else top = await pushImageOf(ground, client, found, variant, report, abort);
  await pushReferrers(ground, client, top.digest, report);
  emitImage(ground, "push", found.image.id, familiar(reference));
  report({ type: "message", text: `${reference.tag}: digest: ${top.digest} size: ${Buffer.byteLength(top.text)}` });
  return top.digest;
}

/** Undefined for the image itself, when it is for that platform and has no manifest. */
function variantFor(ground: Ground, found: Found, platform: Platform): Variant | undefined {
  const { image, reference } = found;
  const variants = variantsOf(ground, topOf(ground, found));
  const chosen = chooseVariant(variants, platform);
  if (chosen?.isWhole) return chosen;
  if (variants.length === 0 && satisfies(parseConfig(image), platform)) return undefined;
  throw new EngineError(
    "not-found",
    `image with reference ${familiar(reference!)} was found but does not provide the specified platform (${formatPlatform(platform)})`,
    { hint: "see what is there with 'berth images --tree'" },
  );
}

/** Sends an unpacked image. @param variant what alone of its index is to be sent. @returns what the tag names then */
async function pushImageOf(
  ground: Ground,
  client: RegistryClient,
  found: Found,
  variant: Variant | undefined,
  report: Report,
  abort: AbortController,
): Promise<StoredDocument> {
  const image = variant?.image ?? found.image;
  const kept = variant ? { manifest: variant.document!, layers: variant.manifest!.layers } : keptDocuments(ground, found);
  const stack = layersOf(ground, image.chain_id)?.reverse();
  if (!stack) throw new EngineError("corrupt", `image "${familiar(client.reference)}" is damaged: a layer is missing from the store`);
  const slots = new Slots(parallel);
  const pushing = stack.map((layer, at) => slots.run(() => pushLayer(ground, client, layer, report, kept?.layers[at])));
  const layers = await Promise.all(pushing).catch(async (error: unknown) => {
    abort.abort(error);
    await Promise.allSettled(pushing);
    throw error;
  });
  await uploadBytes(client, Buffer.from(image.config));
  const manifest = chooseManifest(image, layers, kept, report);
  const index = manifest === kept?.manifest ? kept.index : undefined;
  const top = await pushDocuments(ground, client, manifest, kept?.index, report);
  using holds = new BlobHolds(ground);
  if (manifest !== kept?.manifest) holds.keep(manifest);
  // The name goes on to stand for all that is here.
  const named = variant ? topOf(ground, found) : (index ?? manifest).digest;
  recordPush(ground, { image: image.id, named: found.image.id }, client.reference, { manifest: manifest.digest, top: top.digest, named });
  return top;
}

/**
 * @param ids `named` is the image that the name stands for; `image`, what was sent, is another when it was of a platform
 * @param pushed `top` is what the registry has; `named`, what the name stands for, is the index when only one of its manifests was sent
 */
function recordPush(
  ground: Ground,
  ids: { image: string; named: string },
  reference: Reference,
  pushed: { manifest: string; top: string; named: string },
): void {
  ground.db.transaction(() => {
    addManifest(ground, ids.image, pushed.manifest);
    setReference(ground, { domain: reference.domain, path: reference.path, digest: pushed.top }, ids.image);
    changeTop(ground, reference, ids.named, pushed.named);
  });
  keepImage(ground, ids.image);
  if (ids.named !== ids.image) keepImage(ground, ids.named);
}

/** What the image came or left with, where every layer went as it says; else one like it with the layers as they went. */
function chooseManifest(image: ImageRow, layers: Descriptor[], kept: KeptDocuments | undefined, report: Report): StoredDocument {
  const other = kept && layers.find(({ digest }, at) => digest !== kept.layers[at]?.digest);
  if (kept && !other) return kept.manifest;
  const { mediaType, text } = manifestOf(image, layers, kept);
  const made = { digest: sha256(text), mediaType, text };
  if (kept)
    report({
      type: "warning",
      text: `the manifest ${kept.manifest.digest} could not be sent unchanged, as a layer is to be had in no registry as it was compressed: ${made.digest} takes its place`,
    });
  return made;
}

/** @returns what the tag names now: the index, when the repository has all that it names */
async function pushDocuments(
  ground: Ground,
  client: RegistryClient,
  manifest: StoredDocument,
  index: StoredDocument | undefined,
  report: Report,
): Promise<StoredDocument> {
  const isPart = index !== undefined && below(ground, index.digest).has(manifest.digest);
  const isWhole = isPart && (await pushOthers(ground, client, index, manifest, report));
  const top = isWhole ? index : manifest;
  await putManifest(client, client.reference.tag!, top.mediaType, top.text);
  if (index && !isWhole) {
    report({ type: "message", text: "Not all multiplatform-content is present and only the available single-platform image was pushed" });
    report({ type: "message", text: `${index.digest} -> ${manifest.digest}` });
  }
  return top;
}

/** docker tells a repository that is not here from a tag of it that is not. */
function missing(ground: Ground, reference: Reference): never {
  const others = tagsBeside(ground, reference).length > 0;
  throw new EngineError(
    "not-found",
    others
      ? `tag does not exist: ${familiar(reference)}`
      : `An image does not exist locally with the tag: ${familiarRepository(reference)}`,
    { hint: "list the images with 'berth images', or name one with 'berth tag'" },
  );
}

/**
 * One like that which the image had; else docker's manifest, as docker pushes it, or OCI's when something in the image needs it
 * (annotations, zstd layers), or whoever asks.
 */
export function manifestOf(
  image: ImageRow,
  layers: Descriptor[],
  kept: KeptDocuments | undefined,
  oci = false,
): { mediaType: string; text: string } {
  const annotations = JSON.parse(image.annotations) as Record<string, string>;
  const needsOci =
    oci || Object.keys(annotations).length > 0 || layers.some(({ mediaType }) => mediaType.startsWith("application/vnd.oci."));
  const isOci = needsOci || kept?.manifest.mediaType === mediaTypes.ociManifest;
  const mediaType = isOci ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
  const manifest: Manifest = {
    schemaVersion: 2,
    ...(kept && (JSON.parse(kept.manifest.text) as object)),
    mediaType,
    config: { mediaType: isOci ? mediaTypes.ociConfig : mediaTypes.dockerConfig, digest: image.id, size: Buffer.byteLength(image.config) },
    layers: isOci ? layers.map((layer) => ({ ...layer, mediaType: ociType(layer.mediaType) })) : layers,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return { mediaType, text: JSON.stringify(manifest, null, 3) };
}

/** OCI's name of a layer's media type. */
export function ociType(mediaType: string): string {
  if (mediaType === mediaTypes.dockerLayerGzip) return mediaTypes.ociLayerGzip;
  return mediaType === mediaTypes.dockerLayer ? mediaTypes.ociLayer : mediaType;
}
