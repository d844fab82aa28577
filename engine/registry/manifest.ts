/** Fetching manifests and configs: small documents, verified against the digest they are asked for by. */
import { EngineError } from "../errors.ts";
import { sha256 } from "../image/chain.ts";
import { isImageConfigType, isIndexType, isManifestType, mediaTypes } from "../image/media-types.ts";
import { formatPlatform, selectManifest } from "../image/platform.ts";
import { familiar } from "../image/reference.ts";
import type { Descriptor, Index, Manifest, Platform } from "../image/types.ts";
import type { RegistryClient } from "./client.ts";

/** What a registry may be asked to store at most, by docker's and containerd's limit. Bytes. */
const documentLimit = 4 << 20;
const accept = [mediaTypes.ociIndex, mediaTypes.dockerIndex, mediaTypes.ociManifest, mediaTypes.dockerManifest, "*/*"].join(", ");

export interface FetchedManifest {
  manifest: Manifest;
  /** Of the manifest itself. */
  digest: string;
  /** Of what the tag names: an index, or the manifest. */
  topDigest: string;
}

interface Document {
  digest: string;
  mediaType: string;
  text: string;
}

/**
 * The manifest of an image for a platform.
 * @param isKnown judges the config's media type: other things than images have manifests too
 * @throws EngineError `not-found`, `registry`, `registry-auth`, `corrupt` when the content does not fit the digest
 */
export async function fetchManifest(client: RegistryClient, platform: Platform, isKnown = isImageConfigType): Promise<FetchedManifest> {
  const { reference } = client;
  const top = await fetchDocument(client, reference.digest ?? reference.tag ?? "latest", reference.digest);
  if (!isIndexType(top.mediaType)) return { manifest: parseManifest(client, top, isKnown), digest: top.digest, topDigest: top.digest };
  const { manifests = [] } = JSON.parse(top.text) as Index;
  const chosen = selectManifest(manifests, platform);
  if (!chosen) {
    const offered = manifests
      .filter((each) => each.platform && each.platform.os !== "unknown")
      .map((each) => formatPlatform(each.platform!));
    throw new EngineError("not-found", `"${familiar(reference)}" has no image for ${formatPlatform(platform)}`, {
      hint: `it is there for ${[...new Set(offered)].join(", ") || "no platform"}; choose one with --platform`,
    });
  }
  const document = await fetchDocument(client, chosen.digest, chosen.digest);
  return { manifest: parseManifest(client, document, isKnown), digest: document.digest, topDigest: top.digest };
}

async function fetchDocument(client: RegistryClient, name: string, digest: string | undefined): Promise<Document> {
  const what = `manifest of "${familiar(client.reference)}"`;
  const response = await client.call(`manifests/${name}`, { headers: { accept } });
  if (response.status !== 200) throw await client.refusal(response, what);
  const text = await response.text(documentLimit);
  const actual = sha256(text);
  const stated = digest ?? response.headers["docker-content-digest"];
  if (stated?.startsWith("sha256:") && stated !== actual)
    throw new EngineError("corrupt", `cannot use the ${what}: its content is ${actual}, not ${stated}`);
  const type = (JSON.parse(text) as { mediaType?: string }).mediaType ?? response.headers["content-type"]?.split(";")[0] ?? "";
  return { digest: actual, mediaType: type.trim(), text };
}

function parseManifest(client: RegistryClient, { mediaType, text }: Document, isKnown: (mediaType: string) => boolean): Manifest {
  const name = familiar(client.reference);
  const manifest = JSON.parse(text) as Manifest;
  if (!isManifestType(mediaType) && manifest.schemaVersion !== 2) {
    throw new EngineError("unsupported", `cannot use "${name}": its manifest is of the outdated kind "${mediaType}"`, {
      hint: "push it again with a newer docker",
      exit: 1,
    });
  }
  if (!manifest.config?.digest || !Array.isArray(manifest.layers))
    throw new EngineError("corrupt", `cannot use "${name}": its manifest names no config or layers`);
  if (!isKnown(manifest.config.mediaType)) {
    throw new EngineError("unsupported", `cannot use "${name}": it is not an image but "${manifest.config.mediaType}"`, {
      hint: "fetch it with the tool that it is made for",
      exit: 1,
    });
  }
  return manifest;
}

/**
 * A small blob as text.
 * @throws EngineError as `fetchManifest`
 */
export async function fetchDocumentBlob(client: RegistryClient, descriptor: Descriptor): Promise<string> {
  const what = `config of "${familiar(client.reference)}"`;
  if (descriptor.size > documentLimit) throw new EngineError("corrupt", `cannot use the ${what}: it claims ${descriptor.size} bytes`);
  const response = await client.call(`blobs/${descriptor.digest}`);
  if (response.status !== 200) throw await client.refusal(response, what);
  const text = await response.text(documentLimit);
  const actual = sha256(text);
  if (actual !== descriptor.digest)
    throw new EngineError("corrupt", `cannot use the ${what}: its content is ${actual}, not ${descriptor.digest}`);
  return text;
}
