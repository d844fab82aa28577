/** What is behind a name in a registry: an index with its manifests, a manifest with its layers, and what is attached to it. */
import { EngineError } from "../../errors.ts";
import {
  familiar,
  isDocumentType,
  isImageConfigType,
  isIndexType,
  parseImageConfig,
  parseIndex,
  parseManifest,
  selectManifest,
} from "../../image/documents/index.ts";
import type { Descriptor, ImageConfig, Index, Manifest, StoredDocument } from "../../image/types.ts";
import { formatPlatform, hostPlatform, type Platform, parsePlatform } from "../../platform.ts";
import type { RegistryClient } from "../client.ts";
import { fetchDocument, fetchDocumentBlob, refusing } from "../manifest.ts";
import { type Access, nameOf, referenceClient } from "./access.ts";
import { listAttached } from "./attached.ts";
import type { IndexEntry, LayerSummary, ManifestDetails, RemoteDetails, TagDetails } from "./types.ts";

/** Indexes in indexes. */
const depthLimit = 5;

export interface LookOptions extends Access {
  /** Of an index the manifest for this one: "os/arch[/variant]". */
  platform?: string | undefined;
}

/** @throws EngineError `not-found`, `registry`, `registry-auth`, `corrupt`, `invalid` */
export async function inspectRemote(ref: string, { platform, ...access }: LookOptions = {}): Promise<RemoteDetails> {
  const client = referenceClient(ref, access);
  const top = await fetchDocument(client, nameOf(client.reference), client.reference.digest);
  const refuse = refusing(client);
  const { artifactType, annotations, subject, manifests }: Partial<Index> & Partial<Manifest> = isIndexType(top.mediaType)
    ? parseIndex(top.text, refuse)
    : parseManifest(top.text, refuse);
  const chosen = await choose(client, top, platform);
  return {
    ...{ Name: familiar(client.reference), Digest: top.digest, MediaType: top.mediaType, Size: Buffer.byteLength(top.text) },
    ...(artifactType !== undefined && { ArtifactType: artifactType }),
    ...(annotations && { Annotations: annotations }),
    ...(subject && { Subject: subject }),
    ...(manifests && { Manifests: manifests.map(entryOf) }),
    ...(chosen && { Manifest: await readManifest(client, chosen) }),
    Referrers: await listAttached(client, top.digest),
  };
}

/** The exact bytes of what a name stands for, or of the manifest for a platform. @throws EngineError as `inspectRemote` */
export async function rawManifest(ref: string, { platform, ...access }: LookOptions = {}): Promise<StoredDocument> {
  const client = referenceClient(ref, access);
  const top = await fetchDocument(client, nameOf(client.reference), client.reference.digest);
  return platform === undefined ? top : ((await choose(client, top, platform)) ?? top);
}

/**
 * What is behind a tag.
 * @param tags those of the repository, where all are known: among them cosign's
 * @throws EngineError as `inspectRemote`
 */
export async function describeTag(client: RegistryClient, tag: string, tags?: ReadonlySet<string>): Promise<TagDetails> {
  const top = await fetchDocument(client, tag);
  const chosen = await choose(client, top, undefined);
  const read = chosen && (await readManifest(client, chosen));
  const isIndex = isIndexType(top.mediaType);
  const named = isIndex ? parseIndex(top.text, refusing(client)).manifests.flatMap((each) => entryOf(each).Platform ?? []) : [];
  const own = !isIndex && read?.Platform !== undefined ? [read.Platform] : [];
  const attached = await listAttached(client, top.digest, tags);
  return {
    ...{ Digest: top.digest, MediaType: top.mediaType, Size: read?.Size ?? 0 },
    ...(read?.Created !== undefined && { Created: read.Created }),
    Platforms: [...new Set([...named, ...own])],
    Signed: attached.some(({ Kind }) => Kind === "signature"),
  };
}

/**
 * The manifest of an index that is for a platform; the document itself when it is no index.
 * @returns undefined for an index without manifests
 * @throws EngineError `not-found` when a platform is asked for that is not there
 */
async function choose(client: RegistryClient, top: StoredDocument, platform: string | undefined): Promise<StoredDocument | undefined> {
  let document = top;
  for (let depth = 0; isIndexType(document.mediaType); depth++) {
    if (depth === depthLimit) throw refusing(client)("its indexes are nested too deeply");
    const entries = parseIndex(document.text, refusing(client)).manifests.filter(({ mediaType }) => isDocumentType(mediaType));
    const wanted = platform === undefined ? hostPlatform() : parsePlatform(platform);
    const chosen = selectManifest(entries, wanted) ?? (platform === undefined ? (entries.find(isImage) ?? entries[0]) : undefined);
    if (!chosen && platform !== undefined) throw missing(client, entries, wanted);
    if (!chosen) return undefined;
    document = await fetchDocument(client, chosen.digest, chosen.digest);
  }
  return document;
}

const isImage = ({ platform }: Descriptor) => platform !== undefined && platform.os !== "unknown";

function missing(client: RegistryClient, entries: readonly Descriptor[], wanted: Platform): EngineError {
  const offered = [...new Set(entries.flatMap((each) => entryOf(each).Platform ?? []))];
  return new EngineError("not-found", `"${familiar(client.reference)}" has nothing for ${formatPlatform(wanted)}`, {
    hint: `it is there for ${offered.join(", ") || "no platform"}`,
  });
}

function entryOf(each: Descriptor): IndexEntry {
  const { mediaType, digest, size, platform, artifactType, annotations } = each;
  const about = annotations?.["vnd.docker.reference.digest"];
  return {
    ...{ Digest: digest, MediaType: mediaType, Size: size },
    ...(platform && isImage(each) && { Platform: formatPlatform(platform) }),
    ...(artifactType !== undefined && { ArtifactType: artifactType }),
    ...(annotations && { Annotations: annotations }),
    ...(about !== undefined && { For: about }),
  };
}

async function readManifest(client: RegistryClient, document: StoredDocument): Promise<ManifestDetails> {
  const { config, layers, artifactType, annotations } = parseManifest(document.text, refusing(client));
  const image = isImageConfigType(config.mediaType)
    ? parseImageConfig(await fetchDocumentBlob(client, config), refusing(client))
    : undefined;
  return {
    ...{ Digest: document.digest, MediaType: document.mediaType },
    ...(artifactType !== undefined && { ArtifactType: artifactType }),
    ...(image?.architecture && { Platform: formatPlatform({ ...image, os: image.os || "linux" }) }),
    ...(isDated(image) && { Created: image.created }),
    Size: [config, ...layers].reduce((sum, { size }) => sum + size, 0),
    Layers: layersOf(layers, image),
    ConfigDigest: config.digest,
    ...(image?.config && { Config: image.config }),
    ...(annotations && { Annotations: annotations }),
  };
}

/** Go's zero time stands where nothing was to be said: cosign's signatures have it. */
const isDated = (image: ImageConfig | undefined): image is ImageConfig & { created: string } =>
  image?.created !== undefined && !image.created.startsWith("0001-");

/** A history may tell less than there are layers: then it tells of none. */
function layersOf(layers: readonly Descriptor[], image: ImageConfig | undefined): LayerSummary[] {
  const steps = (image?.history ?? []).filter((step) => step.empty_layer !== true);
  return layers.map(({ digest, mediaType, size, annotations }, at) => {
    const step = steps.length === layers.length ? steps[at]?.created_by : undefined;
    return {
      ...{ Digest: digest, MediaType: mediaType, Size: size },
      ...(step !== undefined && { CreatedBy: step }),
      ...(annotations && { Annotations: annotations }),
    };
  });
}
