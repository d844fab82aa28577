/** `push`: an image's layers, compressed on the way, its config and its manifest to a registry. */
import type { Transform } from "node:stream";
import { EngineError } from "../errors.ts";
import type { ProgressEvent } from "../events.ts";
import { parallel, Slots } from "../image/layer-stack.ts";
import { type LayerRow, layersOf } from "../image/layers.ts";
import { mediaTypes } from "../image/media-types.ts";
import { Meter, reporting } from "../image/progress.ts";
import { familiar, familiarRepository, parseReference, type Reference, refuseReserved, repository, withTag } from "../image/reference.ts";
import { layerTar } from "../image/save.ts";
import { emitImage, findImage, type ImageRow, keepImage, setReference } from "../image/store.ts";
import type { Descriptor, Manifest } from "../image/types.ts";
import type { Ground } from "../state/ground.ts";
import { RegistryClient } from "./client.ts";
import { hasBlob, mountBlob, putManifest, uploadBytes, uploadStream } from "./upload.ts";

export interface PushOptions {
  /** Every tag of the repository. */
  allTags?: boolean;
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
  if (options.allTags && parsed.tag) throw new EngineError("invalid", `cannot push all tags of "${ref}": it names one already`);
  const references = options.allTags ? tagsOf(ground, parsed) : [withTag(parsed)];
  if (references.length === 0) throw new EngineError("not-found", `no tags of "${ref}" in the store`);
  return yield* reporting(async (report, signal) => {
    report({ type: "message", text: `The push refers to repository [${repository(parsed)}]` });
    let digest = "";
    for (const reference of references) digest = await pushOne(ground, reference, report, signal);
    return { Digest: digest };
  }, options.signal);
}

function tagsOf(ground: Ground, parsed: Reference): Reference[] {
  return ground.db
    .all<{ reference: string }>("SELECT reference FROM tags ORDER BY reference")
    .map((row) => parseReference(row.reference))
    .filter((each) => repository(each) === repository(parsed) && each.tag !== undefined);
}

async function pushOne(ground: Ground, reference: Reference, report: Report, signal: AbortSignal): Promise<string> {
  const { image } = findImage(ground, familiar(reference)) ?? missing(ground, reference);
  const abort = new AbortController();
  const client = new RegistryClient(reference, { actions: "pull,push", signal: AbortSignal.any([signal, abort.signal]) });
  const stack = layersOf(ground, image.chain_id)?.reverse();
  if (!stack) throw new EngineError("corrupt", `image "${familiar(reference)}" is damaged: a layer is missing from the store`);
  const slots = new Slots(parallel);
  const pushing = stack.map((layer) => slots.run(() => pushLayer(ground, client, layer, report)));
  const layers = await Promise.all(pushing).catch(async (error: unknown) => {
    abort.abort(error);
    await Promise.allSettled(pushing);
    throw error;
  });
  await uploadBytes(client, Buffer.from(image.config));
  const { mediaType, text } = manifestOf(image, layers);
  const digest = await putManifest(client, reference.tag!, mediaType, text);
  setReference(ground, { domain: reference.domain, path: reference.path, digest }, image.id);
  keepImage(ground, image.id);
  emitImage(ground, "push", image.id, familiar(reference));
  report({ type: "message", text: `${reference.tag}: digest: ${digest} size: ${Buffer.byteLength(text)}` });
  return digest;
}

/** docker tells a repository that is not here from a tag of it that is not. */
function missing(ground: Ground, reference: Reference): never {
  const others = tagsOf(ground, reference).length > 0;
  throw new EngineError(
    "not-found",
    others
      ? `tag does not exist: ${familiar(reference)}`
      : `An image does not exist locally with the tag: ${familiarRepository(reference)}`,
    { hint: "list the images with 'berth images', or name one with 'berth tag'" },
  );
}

interface KnownBlob {
  digest: string;
  size: number;
  media_type: string;
  repository: string;
}

/** Sees to it that the repository has a layer. @returns what names it there, compressed */
export async function pushLayer(ground: Ground, client: RegistryClient, layer: LayerRow, report: Report): Promise<Descriptor> {
  client.signal?.throwIfAborted();
  const meter = new Meter(report, layer.diff_id.slice(7, 19), layer.tar_size);
  meter.state("Preparing");
  const known = ground.db.all<KnownBlob>("SELECT digest, size, media_type, repository FROM layer_blobs WHERE diff_id = ?", layer.diff_id);
  const target = repository(client.reference);
  const found = (await findThere(client, known, target, meter)) ?? (await sendLayer(ground, client, layer, meter));
  ground.db.insert(
    "layer_blobs",
    { diff_id: layer.diff_id, digest: found.digest, size: found.size, media_type: found.mediaType, repository: target },
    "OR IGNORE",
  );
  return found;
}

/** A compressed form that the repository has, or that its registry can mount into it. */
async function findThere(client: RegistryClient, known: KnownBlob[], target: string, meter: Meter): Promise<Descriptor | undefined> {
  for (const { digest, size, media_type: mediaType, repository: where } of known) {
    if (where === target && (await hasBlob(client, digest))) {
      meter.state("Layer already exists", true);
      return { mediaType, digest, size };
    }
  }
  for (const { digest, size, media_type: mediaType, repository: where } of known) {
    const from = parseReference(where);
    if (from.domain !== client.reference.domain || where === target) continue;
    if (await mountBlob(client, digest, from.path)) {
      meter.state(`Mounted from ${familiarRepository(from)}`, true);
      return { mediaType, digest, size };
    }
  }
  return undefined;
}

async function sendLayer(ground: Ground, client: RegistryClient, layer: LayerRow, meter: Meter): Promise<Descriptor> {
  const { pipeline, Readable } = process.getBuiltinModule("node:stream");
  const { createGzip } = process.getBuiltinModule("node:zlib");
  const counted = async function* () {
    for await (const chunk of layerTar(ground, layer, client.signal)) {
      meter.add(chunk.length, "Pushing");
      yield chunk;
    }
  };
  const gzip: Transform = createGzip({ chunkSize: 1 << 18 });
  pipeline(Readable.from(counted()), gzip, () => {}); // the reader of gzip sees the error
  const { digest, size } = await uploadStream(client, gzip as AsyncIterable<Buffer>);
  meter.state("Pushed", true);
  return { mediaType: mediaTypes.dockerLayerGzip, digest, size };
}

/** Docker's manifest, as docker pushes it; OCI's when something in the image needs it (annotations, zstd layers). */
function manifestOf(image: ImageRow, layers: Descriptor[]): { mediaType: string; text: string } {
  const annotations = JSON.parse(image.annotations) as Record<string, string>;
  const isOci = Object.keys(annotations).length > 0 || layers.some(({ mediaType }) => mediaType.startsWith("application/vnd.oci."));
  const mediaType = isOci ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
  const manifest: Manifest = {
    schemaVersion: 2,
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
