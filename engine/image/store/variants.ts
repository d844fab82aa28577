/**
 * What a name stands for when that is more than one image: the manifests that an index leads to, which of them are here, and how: an
 * image is unpacked, or lies in the blob store as it came. Attestations are among them.
 */
import { EngineError } from "../../errors.ts";
import type { Platform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import {
  isDistributable,
  isDocumentType,
  isImageConfigType,
  isIndexType,
  parseImageConfig,
  parseIndex,
  parseManifest,
  type Refuse,
  selectManifest,
} from "../documents/index.ts";
import { layersOf } from "../layers/index.ts";
import type { Descriptor, ImageConfig, Manifest } from "../types.ts";
import { findBlob, readDocument, type StoredDocument } from "./blobs.ts";
import { type ImageRow, imageById, parseConfig } from "./store.ts";

export interface Variant {
  /** As the index says it; of a manifest that stands alone, with the platform of its config. */
  descriptor: Descriptor;
  kind: "image" | "attestation" | "unknown";
  /** Undefined when it is not here. */
  document?: StoredDocument;
  manifest?: Manifest;
  /** Where it is unpacked. */
  image?: ImageRow;
  /** All that it is made of is here, unpacked or as it came. */
  isWhole: boolean;
}

/** Indexes in indexes: two are in use. */
const depthLimit = 5;

/** @param top digest of an index or a manifest; "" for none */
export function variantsOf(ground: Ground, top: string, depth = 0): Variant[] {
  const document = top === "" ? undefined : readDocument(ground, top);
  if (!document) return [];
  const { digest, mediaType, text } = document;
  if (!isIndexType(mediaType)) return [variantOf(ground, { digest, mediaType, size: Buffer.byteLength(text) }, document)];
  return parseIndex(text, damaged(digest)).manifests.flatMap((each) => {
    const child = isDocumentType(each.mediaType) ? readDocument(ground, each.digest) : undefined;
    return child && isIndexType(each.mediaType) && depth < depthLimit
      ? variantsOf(ground, each.digest, depth + 1)
      : [variantOf(ground, each, child)];
  });
}

function damaged(digest: string): Refuse {
  return (why, cause) => new EngineError("corrupt", `cannot read the manifest ${digest}: ${why}`, { cause });
}

function variantOf(ground: Ground, descriptor: Descriptor, document: StoredDocument | undefined): Variant {
  if (!document || isIndexType(document.mediaType)) return { descriptor, kind: kindOf(descriptor), isWhole: false };
  const manifest = parseManifest(document.text, damaged(document.digest));
  const kind = kindOf(descriptor, manifest);
  const image = kind === "image" ? unpacked(ground, manifest) : undefined;
  const isHere = ({ digest, mediaType }: Descriptor) => findBlob(ground, digest) !== undefined || !isDistributable(mediaType);
  const isWhole = image !== undefined || [manifest.config, ...manifest.layers].every(isHere);
  const config = kind === "image" && !descriptor.platform ? configOfVariant(ground, manifest, image) : undefined;
  const { os, architecture, variant } = config ?? {};
  const platform = os && architecture ? { os, architecture, ...(variant && { variant }) } : undefined;
  return { descriptor: { ...descriptor, ...(platform && { platform }) }, kind, document, manifest, ...(image && { image }), isWhole };
}

function unpacked(ground: Ground, { config }: Manifest): ImageRow | undefined {
  const image = imageById(ground, config.digest);
  return image && layersOf(ground, image.chain_id) ? image : undefined;
}

function configOfVariant(ground: Ground, { config }: Manifest, image: ImageRow | undefined): ImageConfig | undefined {
  if (image) return parseConfig(image);
  const document = readDocument(ground, config.digest);
  return document && parseImageConfig(document.text, damaged(config.digest));
}

/** BuildKit says of its attestations what they are; others only that they are for no platform. */
function kindOf({ mediaType, annotations = {}, platform }: Descriptor, manifest?: Manifest): Variant["kind"] {
  if (annotations["vnd.docker.reference.type"] === "attestation-manifest") return "attestation";
  if (isIndexType(mediaType)) return "unknown";
  return platform?.os === "unknown" || (manifest && !isImageConfigType(manifest.config.mediaType)) ? "unknown" : "image";
}

/** The image for a platform: of those that are here, else of those that are named. */
export function chooseVariant(variants: readonly Variant[], platform: Platform): Variant | undefined {
  const images = variants.filter(({ kind }) => kind === "image");
  for (const candidates of [images.filter(({ isWhole }) => isWhole), images]) {
    const chosen = selectManifest(
      candidates.map(({ descriptor }) => descriptor),
      platform,
    );
    if (chosen) return candidates.find(({ descriptor }) => descriptor === chosen);
  }
  return undefined;
}
