/**
 * What of an image goes into an archive: the manifest that it came or left with, and all that belongs to it that is here (other
 * platforms, attestations, referrers), byte for byte; for an image that never had one, or whose compressed layers nobody has
 * any more, a manifest made for the archive, of layers as their tars.
 */
import { EngineError } from "../../errors.ts";
import { formatPlatform, type Platform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { familiar, isDocumentType, mediaTypes, type Reference, satisfies, sha256 } from "../documents/index.ts";
import { type LayerRow, layersOf } from "../layers/index.ts";
import {
  type BlobHolds,
  below,
  chooseVariant,
  type Found,
  findBlob,
  type ImageRow,
  type KeepLayer,
  keptDocuments,
  listReferrers,
  parseConfig,
  readDocument,
  referencesOf,
  type StoredDocument,
  type Variant,
  variantsOf,
  type Watch,
} from "../store/index.ts";
import type { Descriptor, Manifest } from "../types.ts";
import { sourceAnnotation } from "./oci-archive.ts";

/** A file below blobs/ of the archive: a text, a layer that is made again, or, with neither, a blob of the store. */
export interface Part {
  digest: string;
  /** Bytes. */
  size: number;
  text?: string;
  /** Milliseconds since the epoch; of texts: docker dates an image's documents like the image. */
  time?: number;
  layer?: LayerRow;
}

export interface SavedImage {
  /** Digest of the config. */
  id: string;
  config: string;
  parent: string;
  references: Reference[];
  /** Lowest first, as the archive has them. */
  layers: Descriptor[];
  /** What its names stand for in the archive. */
  top: Descriptor;
  /** What refers to it, or to a part of it. */
  referrers: Descriptor[];
  parts: Map<string, Part>;
}

/** What is asked for along the way. */
export interface Saving {
  holds: BlobHolds;
  keepLayer: KeepLayer | undefined;
  watch: Watch;
  platform: Platform | undefined;
}

/** @throws EngineError `not-found` when the platform is not here, `corrupt` for a damaged image */
export async function planImage(ground: Ground, found: Found, saving: Saving): Promise<SavedImage> {
  const { image } = found;
  const kept = keptDocuments(ground, found);
  const top = kept ? (kept.index ?? kept.manifest) : undefined;
  const variants = variantsOf(ground, top?.digest ?? "");
  const chosen = saving.platform
    ? variantFor(found, variants, saving.platform)
    : variants.find(({ document }) => document?.digest === kept?.manifest.digest);
  const planned = chosen && (await planVariant(ground, found, chosen, saving));
  if (!planned) return made(chosen?.image ?? image, layerRows(ground, chosen?.image ?? image));
  if (kept?.index && !saving.platform) await addIndex(ground, found, kept.index, planned, variants, saving);
  planned.referrers = addReferrers(ground, planned.parts, saving);
  return planned;
}

/** Undefined for the image itself, when it is for that platform and has no manifest. */
function variantFor({ image, reference }: Found, variants: Variant[], platform: Platform): Variant | undefined {
  const chosen = chooseVariant(variants, platform);
  if (chosen?.isWhole) return chosen;
  if (variants.length === 0 && satisfies(parseConfig(image), platform)) return undefined;
  const there = variants.flatMap(({ isWhole, descriptor }) =>
    isWhole && descriptor.platform ? [formatPlatform(descriptor.platform)] : [],
  );
  const own = there.length > 0 ? there : [formatPlatform(parseConfig(image))];
  const name = reference ? familiar(reference) : image.id;
  throw new EngineError("not-found", `cannot save "${name}" for ${formatPlatform(platform)}: the image is for ${own.join(", ")}`);
}

/** Makes the index that an image belongs to what its names stand for, with all of it that is here. */
async function addIndex(
  ground: Ground,
  { image }: Found,
  { digest, mediaType, text }: StoredDocument,
  planned: SavedImage,
  variants: Variant[],
  saving: Saving,
): Promise<void> {
  for (const each of variants)
    if (each.isWhole && !planned.parts.has(each.descriptor.digest)) await addVariant(ground, each, planned.parts, saving);
  for (const document of documentsBelow(ground, digest))
    if (!planned.parts.has(document.digest)) planned.parts.set(document.digest, textPart(document.text, image.created));
  planned.top = { mediaType, digest, size: Buffer.byteLength(text), ...sourceOf(ground, image, digest) };
}

/** The documents of an index that are here, and itself. */
function documentsBelow(ground: Ground, index: string): StoredDocument[] {
  return [...below(ground, index)].flatMap((digest) => {
    const blob = findBlob(ground, digest);
    return blob && isDocumentType(blob.mediaType) ? (readDocument(ground, digest) ?? []) : [];
  });
}

/** An image with its own manifest; undefined when a layer of it cannot be had as it was. */
async function planVariant(ground: Ground, { image }: Found, variant: Variant, saving: Saving): Promise<SavedImage | undefined> {
  const parts = new Map<string, Part>();
  if (!(await addVariant(ground, variant, parts, saving))) return undefined;
  const { descriptor, manifest } = variant;
  const config = variant.image?.config ?? readDocument(ground, manifest!.config.digest)!.text;
  const { annotations: _, ...top } = descriptor;
  return {
    ...{ id: manifest!.config.digest, config, parent: variant.image?.parent ?? "" },
    ...{ references: [], layers: manifest!.layers, referrers: [], parts },
    top: { ...top, ...sourceOf(ground, image, descriptor.digest) },
  };
}

/** @returns false when it cannot go as its manifest says; nothing is added then */
async function addVariant(ground: Ground, variant: Variant, parts: Map<string, Part>, saving: Saving): Promise<boolean> {
  const { document, manifest, image } = variant;
  if (!document || !manifest) return false;
  const rows = image ? layersOf(ground, image.chain_id)?.reverse() : undefined;
  const own: Part[] = [];
  for (const [at, blob] of manifest.layers.entries()) {
    const row = rows?.[at];
    const isTar = row?.diff_id === blob.digest;
    if (!isTar && !(await isKept(ground, blob, row, saving))) {
      const text = `the manifest ${document.digest} cannot be saved unchanged, as its layer ${blob.digest} is to be had in no registry as it was compressed`;
      saving.watch.report({ type: "warning", text });
      return false;
    }
    own.push({ digest: blob.digest, size: blob.size, ...(isTar && { layer: row }) });
  }
  const created = image?.created ?? 0;
  const config = image ? textPart(image.config, created) : { digest: manifest.config.digest, size: manifest.config.size };
  for (const part of [...own, config, textPart(document.text, created)]) parts.set(part.digest, part);
  return true;
}

async function isKept(ground: Ground, blob: Descriptor, row: LayerRow | undefined, saving: Saving): Promise<boolean> {
  const { holds, keepLayer, watch } = saving;
  holds.hold(blob.digest);
  if (findBlob(ground, blob.digest)) return true;
  return row !== undefined && keepLayer !== undefined && (await keepLayer(holds, blob, row, watch));
}

function textPart(text: string, time = 0): Part {
  return { digest: sha256(text), size: Buffer.byteLength(text), text, time };
}

/** What refers to the documents that are saved, and to those again. @returns descriptors, as an index lists referrers */
function addReferrers(ground: Ground, parts: Map<string, Part>, { holds }: Saving): Descriptor[] {
  const found: Descriptor[] = [];
  for (const { digest: subject } of parts.values()) {
    // A map that grows while it is walked through is walked through to its new end.
    for (const descriptor of listReferrers(ground, subject)) {
      const document = readDocument(ground, descriptor.digest);
      if (!document || parts.has(descriptor.digest)) continue;
      parts.set(descriptor.digest, textPart(document.text));
      found.push(descriptor);
      for (const digest of below(ground, descriptor.digest)) {
        const blob = findBlob(ground, digest);
        if (!blob || parts.has(digest)) continue;
        holds.hold(digest);
        parts.set(digest, { digest, size: blob.size });
      }
    }
  }
  return found;
}

/** Where a manifest came from: it tells those of registries from those that were made for an archive. */
function sourceOf(ground: Ground, image: ImageRow, digest: string): Pick<Descriptor, "annotations"> {
  const source = referencesOf(ground, image.id).find((each) => each.digest === digest);
  return source ? { annotations: { [`${sourceAnnotation}${source.domain}`]: source.path } } : {};
}

function layerRows(ground: Ground, image: ImageRow): LayerRow[] {
  const rows = layersOf(ground, image.chain_id)?.reverse();
  if (!rows) throw new EngineError("corrupt", `image "${image.id}" is damaged: a layer is missing from the store`);
  return rows;
}

/** An image with a manifest that is made for the archive. */
function made(image: ImageRow, rows: LayerRow[]): SavedImage {
  const layers = rows.map((layer) => ({ mediaType: mediaTypes.ociLayer, digest: layer.diff_id, size: layer.tar_size }));
  const annotations = JSON.parse(image.annotations) as Record<string, string>;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: image.id, size: Buffer.byteLength(image.config) },
    layers,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  const document = textPart(JSON.stringify(manifest), image.created);
  const { os, architecture, variant } = parseConfig(image);
  const parts = [
    ...rows.map((layer): Part => ({ digest: layer.diff_id, size: layer.tar_size, layer })),
    textPart(image.config, image.created),
    document,
  ];
  return {
    ...{ id: image.id, config: image.config, parent: image.parent, references: [], layers, referrers: [] },
    top: {
      ...{ mediaType: mediaTypes.ociManifest, digest: document.digest, size: document.size },
      platform: { architecture, os, ...(variant && { variant }) },
    },
    parts: new Map(parts.map((part) => [part.digest, part])),
  };
}
