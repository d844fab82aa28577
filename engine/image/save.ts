/**
 * `save`: images as one archive. The default is what docker 25 and later write: an OCI image layout that also has
 * docker's manifest.json, with uncompressed layers, so every tool reads it. Layers are rebuilt as they are sent.
 */
import type { Readable } from "node:stream";
import { EngineError } from "../errors.ts";
import type { Ground } from "../state/ground.ts";
import { sha256 } from "./chain.ts";
import { LayerThread } from "./layer-thread.ts";
import { type LayerRow, layerDirectory, layersOf } from "./layers.ts";
import { mediaTypes } from "./media-types.ts";
import { formatPlatform, parsePlatform, satisfies } from "./platform.ts";
import { familiar, familiarRepository, full, parseReference, type Reference, repository, withTag } from "./reference.ts";
import { emitImage, type ImageRow, parseConfig, requireImage } from "./store.ts";
import { encodeEntry, encodeHeader, padding, tarHeader, trailer } from "./tar/writer.ts";
import type { Descriptor, Index, Manifest } from "./types.ts";

export interface SaveOptions {
  format?: "docker" | "oci";
  platform?: string;
  /**
   * Further names that the archive gives to the images; they need not be tags of the store. An id with the names of a
   * build is all that `build --output type=oci|docker` needs.
   */
  names?: string[];
}

interface SavedImage {
  image: ImageRow;
  references: Reference[];
  /** Lowest first. */
  layers: LayerRow[];
  manifest: string;
}

/** @throws EngineError `not-found`, `ambiguous`, `corrupt`; the stream fails with `corrupt` when a layer's files changed */
export async function saveImages(ground: Ground, refs: string[], options: SaveOptions = {}): Promise<Readable> {
  const names = (options.names ?? []).map((text) => withTag(parseReference(text)));
  const images = collect(ground, refs, options);
  for (const image of images) image.references.push(...names);
  for (const { image, references } of images) emitImage(ground, "save", image.id, references[0] && familiar(references[0]));
  return streamArchive(ground, images, options.format ?? "docker");
}

function streamArchive(ground: Ground, images: SavedImage[], format: "docker" | "oci"): Readable {
  const { Readable } = process.getBuiltinModule("node:stream");
  return Readable.from(archive(ground, images, format), { objectMode: false, highWaterMark: 1 << 20 });
}

/** Which images, by which names: a repository alone stands for all its tags, an id for no name. */
function collect(ground: Ground, refs: string[], { platform }: SaveOptions): SavedImage[] {
  const found = new Map<string, SavedImage>();
  for (const ref of refs) {
    for (const { image, references } of expand(ground, ref)) {
      if (platform && !satisfies(parseConfig(image), parsePlatform(platform))) {
        throw new EngineError("not-found", `cannot save "${ref}" for ${platform}: the image is for ${formatPlatform(parseConfig(image))}`);
      }
      const saved = found.get(image.id) ?? prepare(ground, image);
      for (const reference of references)
        if (!saved.references.some((each) => full(each) === full(reference))) saved.references.push(reference);
      found.set(image.id, saved);
    }
  }
  return [...found.values()];
}

function expand(ground: Ground, ref: string): { image: ImageRow; references: Reference[] }[] {
  if (/^[^@:]+$|^[^@]*:\d+\/[^@:]+$/.test(ref) && !/^[0-9a-f]{12,64}$/.test(ref)) {
    const name = repository(parseReference(ref));
    const rows = ground.db.all<{ reference: string; image: string }>(
      "SELECT reference, image FROM tags WHERE reference LIKE ? || ':%' ESCAPE '\\'",
      name.replaceAll(/[\\_%]/g, "\\$&"),
    );
    if (rows.length > 0)
      return rows.map((row) => ({ image: requireImage(ground, row.image).image, references: [parseReference(row.reference)] }));
  }
  const { image, reference } = requireImage(ground, ref);
  return [{ image, references: reference?.tag === undefined ? [] : [reference] }];
}

function prepare(ground: Ground, image: ImageRow): SavedImage {
  const layers = layersOf(ground, image.chain_id)?.reverse();
  if (!layers) throw new EngineError("corrupt", `image "${image.id}" is damaged: a layer is missing from the store`);
  const annotations = JSON.parse(image.annotations) as Record<string, string>;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: image.id, size: Buffer.byteLength(image.config) },
    layers: layers.map((layer) => ({ mediaType: mediaTypes.ociLayer, digest: layer.diff_id, size: layer.tar_size })),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return { image, references: [], layers, manifest: JSON.stringify(manifest) };
}

async function* archive(ground: Ground, images: SavedImage[], format: "docker" | "oci"): AsyncGenerator<Buffer> {
  for (const name of ["blobs/", "blobs/sha256/"]) yield encodeHeader(tarHeader({ name, type: "directory", mode: 0o755 }));
  const written = new Set<string>();
  for (const { image, layers, manifest } of images) {
    for (const layer of layers) if (!written.has(layer.diff_id)) yield* layerEntry(ground, layer);
    for (const layer of layers) written.add(layer.diff_id);
    for (const [digest, text] of [
      [image.id, image.config],
      [sha256(manifest), manifest],
    ] as const) {
      if (!written.has(digest)) yield fileEntry(blobPath(digest), text, image.created);
      written.add(digest);
    }
  }
  yield fileEntry("index.json", JSON.stringify(index(images)));
  if (format === "docker") {
    yield fileEntry("manifest.json", JSON.stringify(images.map((image) => dockerManifest(image, images))));
    const named = repositories(images);
    if (Object.keys(named).length > 0) yield fileEntry("repositories", JSON.stringify(named));
  }
  yield fileEntry("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  yield trailer;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** @param time milliseconds since the epoch: docker dates an image's documents like the image */
function fileEntry(name: string, text: string, time = 0): Buffer {
  return encodeEntry(tarHeader({ name, mtime: Math.max(0, Math.floor(time / 1000)) }), Buffer.from(text));
}

async function* layerEntry(ground: Ground, layer: LayerRow): AsyncGenerator<Buffer> {
  yield encodeHeader(tarHeader({ name: blobPath(layer.diff_id), size: layer.tar_size }));
  yield* layerTar(ground, layer);
  yield padding(layer.tar_size);
}

/**
 * The exact tar of a layer.
 * @throws EngineError `corrupt` at its end, when its digest is not the layer's diff id
 */
export async function* layerTar(ground: Ground, layer: LayerRow, signal?: AbortSignal): AsyncGenerator<Buffer> {
  await using thread = new LayerThread({ kind: "rebuild", directory: layerDirectory(ground, layer.dir) }, signal);
  yield* thread.output();
  const { diffId } = await thread.result<{ diffId: string }>();
  if (diffId !== layer.diff_id) throw new EngineError("corrupt", `layer ${layer.diff_id} is damaged: its files changed in the store`);
}

function index(images: SavedImage[]): Index {
  const manifests = images.flatMap(({ image, references, manifest }) => {
    const { os, architecture, variant } = parseConfig(image);
    const descriptor: Descriptor = {
      mediaType: mediaTypes.ociManifest,
      digest: sha256(manifest),
      size: Buffer.byteLength(manifest),
      platform: { architecture, os, ...(variant && { variant }) },
    };
    if (references.length === 0) return [descriptor];
    return references.map((reference) => ({
      ...descriptor,
      annotations: { "io.containerd.image.name": full(reference), "org.opencontainers.image.ref.name": reference.tag ?? "" },
    }));
  });
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
}

/** docker's oldest table: the topmost layer of each name. */
function repositories(images: readonly SavedImage[]): Record<string, Record<string, string>> {
  const table: Record<string, Record<string, string>> = {};
  for (const { references, layers } of images)
    for (const reference of references)
      (table[familiarRepository(reference)] ??= {})[reference.tag ?? ""] = layers.at(-1)?.diff_id.replace("sha256:", "") ?? "";
  return table;
}

function dockerManifest({ image, references, layers }: SavedImage, all: readonly SavedImage[]) {
  const sources = layers.map((layer) => [layer.diff_id, { mediaType: mediaTypes.ociLayer, size: layer.tar_size, digest: layer.diff_id }]);
  return {
    Config: blobPath(image.id),
    RepoTags: references.length > 0 ? references.map(familiar) : null,
    Layers: layers.map((layer) => blobPath(layer.diff_id)),
    LayerSources: Object.fromEntries(sources),
    ...(all.some((each) => each.image.id === image.parent) && { Parent: image.parent }),
  };
}
