/** Fetching manifests and configs: small documents, verified against the digest they are asked for by. */
import { EngineError } from "../errors.ts";
import { inTime } from "../http/pace.ts";
import {
  familiar,
  isImageConfigType,
  isIndexType,
  isManifestType,
  mediaTypes,
  parseHead,
  parseIndex,
  parseManifest,
  type Refuse,
  selectManifest,
  sha256,
} from "../image/documents/index.ts";
import { documentLimit, type StoredDocument } from "../image/store/index.ts";
import type { Descriptor, Manifest } from "../image/types.ts";
import { formatPlatform, type Platform } from "../platform.ts";
import { readBlob } from "./blob.ts";
import type { RegistryClient } from "./client.ts";

/** Indexes in indexes: two are in use, docker's clients follow more. */
const depthLimit = 5;
/** Media types to be asked for. */
export const acceptedManifests = [
  mediaTypes.ociIndex,
  mediaTypes.dockerIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
  "*/*",
].join(", ");

export interface FetchedManifest {
  manifest: Manifest;
  /** Of the manifest itself. */
  digest: string;
  /** Of what the tag names: an index, or the manifest. */
  topDigest: string;
  /** What led to the manifest, from the top, and the manifest itself. */
  documents: StoredDocument[];
}

/**
 * The manifest of an image for a platform.
 * @param isKnown judges the config's media type: other things than images have manifests too
 * @throws EngineError `not-found`, `registry`, `registry-auth`, `corrupt` when the content does not fit the digest
 */
export async function fetchManifest(client: RegistryClient, platform: Platform, isKnown = isImageConfigType): Promise<FetchedManifest> {
  const { reference } = client;
  const top = await fetchDocument(client, reference.digest ?? reference.tag ?? "latest", reference.digest);
  const documents = [top];
  let document = top;
  for (let depth = 0; isIndexType(document.mediaType); depth++) {
    if (depth === depthLimit) throw refusing(client)("its indexes are nested too deeply");
    const { digest } = chooseManifest(client, document, platform);
    document = await fetchDocument(client, digest, digest);
    documents.push(document);
  }
  const manifest = readManifest(client, document, isKnown);
  return { manifest, digest: document.digest, topDigest: top.digest, documents };
}

/** Makes the errors about what a name leads to. */
export function refusing(client: RegistryClient): Refuse {
  return (why, cause) => new EngineError("corrupt", `cannot use "${familiar(client.reference)}": ${why}`, { cause });
}

function chooseManifest(client: RegistryClient, index: StoredDocument, platform: Platform): Descriptor {
  const { reference } = client;
  const { manifests } = parseIndex(index.text, refusing(client));
  const chosen = selectManifest(manifests, platform);
  if (!chosen) {
    const offered = manifests
      .filter((each) => each.platform && each.platform.os !== "unknown")
      .map((each) => formatPlatform(each.platform!));
    throw new EngineError("not-found", `"${familiar(reference)}" has no image for ${formatPlatform(platform)}`, {
      hint: `it is there for ${[...new Set(offered)].join(", ") || "no platform"}; choose one with --platform`,
    });
  }
  if (!chosen.digest.startsWith("sha256:"))
    throw new EngineError("unsupported", `cannot use "${familiar(reference)}": its digest "${chosen.digest}" cannot be verified`, {
      exit: 1,
    });
  return chosen;
}

/**
 * A manifest or an index.
 * @param name a tag or a digest
 * @param digest what its content must be
 */
export async function fetchDocument(client: RegistryClient, name: string, digest?: string): Promise<StoredDocument> {
  const what = `manifest of "${familiar(client.reference)}"`;
  const { headers, text } = await inTime(client, what, async (signal) => {
    const response = await client.call(`manifests/${name}`, { headers: { accept: acceptedManifests }, signal });
    if (response.status !== 200) throw await client.refusal(response, what);
    return { headers: response.headers, text: await response.text(documentLimit) };
  });
  const actual = sha256(text);
  const stated = digest ?? headers["docker-content-digest"];
  if (stated?.startsWith("sha256:") && stated !== actual)
    throw new EngineError("corrupt", `cannot use the ${what}: its content is ${actual}, not ${stated}`);
  const type = parseHead(text, refusing(client)).mediaType ?? headers["content-type"]?.split(";")[0] ?? "";
  return { digest: actual, mediaType: type.trim(), text };
}

/** What the reference names: an index, or the manifest of an image. @throws EngineError as `fetchManifest` */
export async function fetchTop(client: RegistryClient): Promise<StoredDocument> {
  const { tag = "latest", digest } = client.reference;
  const top = await fetchDocument(client, digest ?? tag, digest);
  if (!isIndexType(top.mediaType)) readManifest(client, top, isImageConfigType);
  return top;
}

function readManifest(client: RegistryClient, document: StoredDocument, isKnown: (mediaType: string) => boolean): Manifest {
  const { mediaType, text } = document;
  const name = familiar(client.reference);
  const refuse = refusing(client);
  if (!isManifestType(mediaType) && parseHead(text, refuse).schemaVersion !== 2) {
    throw new EngineError("unsupported", `cannot use "${name}": its manifest is of the outdated kind "${mediaType}"`, {
      hint: "push it again with a newer docker",
      exit: 1,
    });
  }
  const manifest = parseManifest(text, refuse);
  if (!isKnown(manifest.config.mediaType)) {
    throw new EngineError("unsupported", `cannot use "${name}": it is not an image but "${manifest.config.mediaType}"`, {
      hint: "fetch it with the tool that it is made for",
      exit: 1,
    });
  }
  // Only OCI's may be silent about what it is, and not every server knows.
  if (!isManifestType(mediaType)) document.mediaType = mediaTypes.ociManifest;
  return manifest;
}

/**
 * A small blob as text.
 * @throws EngineError as `fetchManifest`
 */
export async function fetchDocumentBlob(client: RegistryClient, descriptor: Descriptor): Promise<string> {
  const what = `config of "${familiar(client.reference)}"`;
  if (descriptor.size > documentLimit) throw new EngineError("corrupt", `cannot use the ${what}: it claims ${descriptor.size} bytes`);
  const parts: Buffer[] = [];
  await inTime(client, what, async (signal) => {
    for await (const part of readBlob(client, descriptor, { signal })) parts.push(part);
  });
  const text = Buffer.concat(parts).toString("utf8");
  const actual = sha256(text);
  if (actual !== descriptor.digest)
    throw new EngineError("corrupt", `cannot use the ${what}: its content is ${actual}, not ${descriptor.digest}`);
  return text;
}
