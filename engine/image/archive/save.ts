/**
 * `save`: images as one archive. The default is what docker 25 and later write: an OCI image layout that also has
 * docker's manifest.json, so every tool reads it. What goes into it is saved-image.ts; layers are rebuilt as they are sent.
 */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import { parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { familiar, familiarRepository, full, mediaTypes, parseReference, parseTag, repository } from "../documents/index.ts";
import { type Hold, LayerThread, pourable } from "../layer/index.ts";
import { type LayerRow, layerDirectory } from "../layers/index.ts";
import { BlobHolds, emitImage, type Found, type KeepLayer, readBlobBytes, requireImage, topOf } from "../store/index.ts";
import { encodeEntry, encodeHeader, padding, tarHeader, trailer } from "../tar/index.ts";
import type { ImageConfig, Index, Pourable } from "../types.ts";
import { blobName } from "./archive-files.ts";
import { type Part, planImage, type SavedImage, type Saving } from "./saved-image.ts";

export interface SaveOptions {
  format?: "docker" | "oci";
  platform?: string;
  /**
   * Further names that the archive gives to the images; they need not be tags of the store. An id with the names of a
   * build is all that `build --output type=oci|docker` needs.
   */
  names?: string[];
  /** The index of the store that the images are taken for. */
  top?: string;
  /** Told what is fetched for it, and what could not be kept as it was. */
  onEvent?: (event: ProgressEvent) => void;
  signal?: AbortSignal;
}

/**
 * @param keepLayer gets compressed layers that manifests name and the store has not
 * @throws EngineError `not-found`, `ambiguous`, `corrupt`; the stream fails with `corrupt` when a layer's files changed
 */
export async function saveImages(
  ground: Ground,
  refs: string[],
  options: SaveOptions = {},
  keepLayer?: KeepLayer,
): Promise<Readable & Pourable> {
  const { format = "docker", onEvent: report = () => {}, signal } = options;
  const names = (options.names ?? []).map(parseTag);
  const platform = options.platform ? parsePlatform(options.platform) : undefined;
  const holds = new BlobHolds(ground);
  try {
    const found = refs.flatMap((ref) => expand(ground, ref)).map((each) => (options.top ? { ...each, top: options.top } : each));
    const images = await collect(ground, found, { holds, keepLayer, watch: { report, signal }, platform });
    for (const image of images) image.references.push(...names);
    for (const { id, references } of images) emitImage(ground, "save", id, references[0] && familiar(references[0]));
    return streamArchive(ground, images, format, holds);
  } catch (error) {
    holds[Symbol.dispose]();
    throw error;
  }
}

function streamArchive(ground: Ground, images: SavedImage[], format: "docker" | "oci", holds: BlobHolds): Readable & Pourable {
  const stream = pourable((hold) => archive(ground, images, format, hold));
  return stream.once("close", () => holds[Symbol.dispose]());
}

/** Which images, by which names: a repository alone stands for all its tags, an id for no name. */
async function collect(ground: Ground, chosen: readonly Found[], saving: Saving): Promise<SavedImage[]> {
  const found = new Map<string, SavedImage>();
  for (const each of chosen) {
    const key = `${each.image.id} ${topOf(ground, each)}`;
    const saved = found.get(key) ?? (await planImage(ground, each, saving));
    const { reference } = each;
    if (reference?.tag !== undefined && !saved.references.some((other) => full(other) === full(reference)))
      saved.references.push(reference);
    found.set(key, saved);
  }
  return [...found.values()];
}

function expand(ground: Ground, ref: string): Found[] {
  if (/^[^@:]+$|^[^@]*:\d+\/[^@:]+$/.test(ref) && !/^[0-9a-f]{12,64}$/.test(ref)) {
    const name = repository(parseReference(ref));
    const rows = ground.db.all<{ reference: string; image: string }>(
      "SELECT reference, image FROM tags WHERE reference LIKE ? || ':%' ESCAPE '\\'",
      name.replaceAll(/[\\_%]/g, "\\$&"),
    );
    if (rows.length > 0)
      return rows.map((row) => ({ image: requireImage(ground, row.image).image, reference: parseReference(row.reference) }));
  }
  return [requireImage(ground, ref)];
}

async function* archive(ground: Ground, images: SavedImage[], format: "docker" | "oci", hold: Hold): AsyncGenerator<Buffer> {
  for (const name of ["blobs/", "blobs/sha256/"]) yield encodeHeader(tarHeader({ name, type: "directory", mode: 0o755 }));
  const parts = new Map(images.flatMap((image) => [...image.parts.values()].map((part) => [part.digest, part] as const)));
  yield* inTurn([...parts.values()].map((part) => () => partEntry(ground, part, hold)));
  yield fileEntry("index.json", JSON.stringify(index(images)));
  if (format === "docker") {
    yield fileEntry("manifest.json", JSON.stringify(dockerManifests(images)));
    const named = repositories(images);
    if (Object.keys(named).length > 0) yield fileEntry("repositories", JSON.stringify(named));
  }
  yield fileEntry("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  yield trailer;
}

/** @param time milliseconds since the epoch: docker dates an image's documents like the image */
function fileEntry(name: string, text: string, time = 0): Buffer {
  return encodeEntry(tarHeader({ name, mtime: Math.max(0, Math.floor(time / 1000)) }), Buffer.from(text));
}

async function* partEntry(ground: Ground, { digest, size, text, time, layer }: Part, hold: Hold): AsyncGenerator<Buffer> {
  if (text !== undefined) {
    yield fileEntry(blobName(digest), text, time);
    return;
  }
  const content = layer ? layerTar(ground, layer, { hold }) : readBlobBytes(ground, { mediaType: "", digest, size });
  try {
    let next = await content.next(); // begun before anything of the entry is taken
    yield encodeHeader(tarHeader({ name: blobName(digest), size }));
    for (; !next.done; next = await content.next()) yield next.value;
    yield padding(size);
  } finally {
    await content.return(undefined);
  }
}

/** One after the other, and each begins its work while the one before is read. */
async function* inTurn(sources: (() => AsyncGenerator<Buffer>)[]): AsyncGenerator<Buffer> {
  const begin = (at: number) => {
    const bytes = sources[at]?.();
    const first = bytes?.next();
    first?.catch(() => {}); // reported when its turn comes
    return bytes && first && { bytes, first };
  };
  let next = begin(0);
  try {
    for (let at = 1; next; at++) {
      const { bytes, first }: NonNullable<typeof next> = next;
      next = begin(at);
      try {
        for (let piece = await first; !piece.done; piece = await bytes.next()) yield piece.value;
      } finally {
        await bytes.return(undefined);
      }
    }
  } finally {
    await next?.bytes.return(undefined);
  }
}

/**
 * The exact tar of a layer. It is hashed here, while its thread reads on.
 * @throws EngineError `corrupt` at its end, when its digest is not the layer's diff id
 */
export async function* layerTar(
  ground: Ground,
  layer: LayerRow,
  { signal, hold }: { signal?: AbortSignal | undefined; hold?: Hold } = {},
): AsyncGenerator<Buffer> {
  await using thread = new LayerThread({ kind: "rebuild", directory: layerDirectory(ground, layer.dir) }, signal);
  const hash = createHash("sha256");
  for await (const chunk of thread.output(hold)) {
    hash.update(chunk);
    yield chunk;
  }
  if (`sha256:${hash.digest("hex")}` !== layer.diff_id)
    throw new EngineError("corrupt", `layer ${layer.diff_id} is damaged: its files changed in the store`);
}

function index(images: SavedImage[]): Index {
  const manifests = images.flatMap(({ references, top }) => {
    if (references.length === 0) return [top];
    return references.map((reference) => ({
      ...top,
      annotations: {
        ...top.annotations,
        "io.containerd.image.name": full(reference),
        "org.opencontainers.image.ref.name": reference.tag ?? "",
      },
    }));
  });
  const referrers = new Map(images.flatMap((image) => image.referrers.map((each) => [each.digest, each] as const)));
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...manifests, ...referrers.values()] };
}

/** docker's oldest table: the topmost layer of each name. */
function repositories(images: readonly SavedImage[]): Record<string, Record<string, string>> {
  const table: Record<string, Record<string, string>> = {};
  for (const { references, layers } of images)
    for (const reference of references)
      (table[familiarRepository(reference)] ??= {})[reference.tag ?? ""] = layers.at(-1)?.digest.replace("sha256:", "") ?? "";
  return table;
}

/** One entry for each image, whatever manifests its names stand for. */
function dockerManifests(images: readonly SavedImage[]) {
  const ids = [...new Set(images.map(({ id }) => id))];
  return ids.map((id) => {
    const same = images.filter((each) => each.id === id);
    const { config, parent, layers } = same[0]!;
    const { diff_ids: diffIds } = (JSON.parse(config) as ImageConfig).rootfs;
    const names = same.flatMap(({ references }) => references.map(familiar));
    return {
      Config: blobName(id),
      RepoTags: names.length > 0 ? names : null,
      Layers: layers.map(({ digest }) => blobName(digest)),
      LayerSources: Object.fromEntries(layers.map(({ mediaType, size, digest }, at) => [diffIds[at], { mediaType, size, digest }])),
      ...(ids.includes(parent) && { Parent: parent }),
    };
  });
}
