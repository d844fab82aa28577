/** Manifests and indexes as they are pushed: their form, what they are made of, what they refer to (image-spec; docker's schema 2). Pure. */
import {
  isDistributable,
  isDocumentType,
  isIndexType,
  listOf,
  mapOf,
  mediaTypes,
  object,
  parseShaped,
  type Refuse,
  required,
  text,
  whole,
} from "../../../image/documents/index.ts";
import type { Descriptor } from "../../../image/types.ts";
import { jsonDepth } from "./json-depth.ts";
import { isDigest } from "./names.ts";
import { problem } from "./problem.ts";

/** Bytes: docker's and containerd's limit, and the least that the distribution-spec asks for. */
export const documentLimit = 4 << 20;
/** An image's manifest has five or so. */
const depthLimit = 64;

export interface PushedDocument {
  mediaType: string;
  /** What must be there before it: blobs of an image; manifests of an index, or blobs (BuildKit's caches name layers in an index). */
  parts: string[];
  /** Digest of what it refers to. */
  subject?: string;
}

const annotations = mapOf(text);
const descriptor = { mediaType: text, digest: required(text), size: required(whole), annotations, artifactType: text };
const shared = { schemaVersion: required(whole), mediaType: text, subject: object(descriptor), artifactType: text, annotations };
const manifest = object({ ...shared, config: required(object(descriptor)), layers: listOf(object(descriptor)) });
const index = object({ ...shared, manifests: listOf(object(descriptor)) });

interface Parsed {
  mediaType?: string;
  config?: Descriptor;
  layers?: Descriptor[] | null;
  manifests?: Descriptor[] | null;
  subject?: Descriptor | null;
  artifactType?: string;
  annotations?: Record<string, string> | null;
}

/**
 * @param contentType as the client says; its parameters do not count
 * @throws EngineError `invalid`
 */
export function readPushed(bytes: Buffer, contentType: string | undefined): PushedDocument {
  if (jsonDepth(bytes) > depthLimit) throw problem("MANIFEST_INVALID", `it is nested more than ${depthLimit} deep`);
  const stated = parse(bytes, object({ mediaType: text })).mediaType;
  const said = contentType?.split(";")[0]?.trim().toLowerCase();
  if (said && stated && said !== stated.toLowerCase())
    throw problem("MANIFEST_INVALID", `it says that it is "${stated}", and its Content-Type "${said}"`);
  const mediaType = stated ?? said ?? "";
  if (!isDocumentType(mediaType)) throw problem("MANIFEST_INVALID", `its media type is not one of a manifest or an index: "${mediaType}"`);
  const { config, layers, manifests, subject } = parse(bytes, isIndexType(mediaType) ? index : manifest);
  const named = isIndexType(mediaType) ? (manifests ?? []) : [config!, ...(layers ?? []).filter((each) => isHere(each))];
  const parts = [...new Set(named.map(({ digest }) => digest))];
  const bad = [...parts, ...(subject ? [subject.digest] : [])].find((digest) => !isDigest(digest));
  if (bad !== undefined) throw problem("MANIFEST_INVALID", `it names a digest that is none: "${bad}"`);
  return { mediaType, parts, ...(subject && { subject: subject.digest }) };
}

/** Of a manifest that is here already: no more than what it is made of. */
export function partsOf(bytes: Buffer, mediaType: string): string[] {
  return readPushed(bytes, mediaType).parts;
}

/** What a manifest that is here already names. */
export function contentsOf(bytes: Buffer, mediaType: string): { config?: Descriptor; layers: Descriptor[]; manifests: Descriptor[] } {
  const { config, layers, manifests } = parse(bytes, isIndexType(mediaType) ? index : manifest);
  return { ...(config && { config }), layers: layers ?? [], manifests: manifests ?? [] };
}

/** The entry of a list of referrers (distribution-spec, "Listing Referrers"). */
export function referrerOf(bytes: Buffer, digest: string, mediaType: string): Descriptor {
  const { config, annotations: noted, artifactType: stated } = parse(bytes, object({}));
  const artifactType = stated || (mediaType === mediaTypes.ociManifest ? config?.mediaType : undefined);
  return { mediaType, digest, size: bytes.length, ...(artifactType && { artifactType }), ...(noted && { annotations: noted }) };
}

const isHere = ({ mediaType }: Descriptor) => isDistributable(mediaType ?? "");

function parse(bytes: Buffer, shape: ReturnType<typeof object>): Parsed {
  const refuse: Refuse = (why, cause) => problem("MANIFEST_INVALID", why, { cause });
  return parseShaped<Parsed>(bytes.toString("utf8"), shape, refuse);
}
