/** What a registry has under a name, asked for without fetching an image: its digest, and the platforms that it is for. */
import type { Credentials } from "../docker.ts";
import { isIndexType, parseImageConfig, parseIndex, parseManifest, parseReference, withTag } from "../image/documents/index.ts";
import type { Descriptor } from "../image/types.ts";
import type { Platform } from "../platform.ts";
import { RegistryClient } from "./client.ts";
import { fetchDocumentBlob, fetchTop, refusing } from "./manifest.ts";

/** See image/index.ts. @throws EngineError `not-found`, `registry`, `registry-auth`, `corrupt` */
export async function inspectDistribution(
  ref: string,
  options: { credentials?: Credentials | null; signal?: AbortSignal } = {},
): Promise<{ Descriptor: Descriptor; Platforms: Platform[] }> {
  const client = new RegistryClient(withTag(parseReference(ref)), options);
  const { digest, mediaType, text } = await fetchTop(client);
  const Descriptor = { mediaType, digest, size: Buffer.byteLength(text) };
  if (isIndexType(mediaType)) {
    const { manifests } = parseIndex(text, refusing(client));
    return { Descriptor, Platforms: manifests.flatMap(({ platform }) => platform ?? []) };
  }
  const config = parseImageConfig(await fetchDocumentBlob(client, parseManifest(text, refusing(client)).config), refusing(client));
  const { architecture, os, variant } = config;
  return { Descriptor, Platforms: [{ architecture, os, ...(variant && { variant }) }] };
}
