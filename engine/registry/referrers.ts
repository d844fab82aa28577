/**
 * What refers to a manifest in a registry: signatures, attestations (distribution-spec, "Listing Referrers"). A registry that does not
 * know them by itself keeps them in an index whose tag is made of the digest ("Referrers Tag Schema").
 */
import { EngineError } from "../errors.ts";
import type { HttpResponse } from "../http/request.ts";
import { familiarRepository, isIndexType, mediaTypes, parseIndex, type Refuse } from "../image/documents/index.ts";
import { describeReferrer, documentLimit, type StoredDocument } from "../image/store/index.ts";
import type { Descriptor, Index } from "../image/types.ts";
import type { RegistryClient } from "./client.ts";
import { fetchDocument } from "./manifest.ts";
import { nextPage } from "./pages.ts";
import { hasManifest, putManifest } from "./upload.ts";

/** Which registries know referrers by themselves: asked once for each client. */
const knowing = new WeakMap<RegistryClient, boolean>();

/** "sha256-…": the tag of the index of what refers to a digest. */
export function referrersTag(digest: string): string {
  return digest.replace(":", "-");
}

function refusing(client: RegistryClient): Refuse {
  return (why, cause) =>
    new EngineError("corrupt", `cannot use the referrers in "${familiarRepository(client.reference)}": ${why}`, { cause });
}

/** @throws EngineError `registry`, `registry-auth`, `corrupt` */
export async function listReferrers(client: RegistryClient, digest: string): Promise<Descriptor[]> {
  if (knowing.get(client) !== false) {
    const response = await client.call(`referrers/${digest}`, { headers: { accept: mediaTypes.ociIndex } });
    const isIndex = response.headers["content-type"]?.split(";")[0] === mediaTypes.ociIndex;
    knowing.set(client, response.status === 200 && isIndex);
    if (response.status === 200 && isIndex) return await listedFrom(client, response);
    response.discard();
  }
  return (await fetchListed(client, digest)).manifests;
}

/** A long list comes in parts. */
async function listedFrom(client: RegistryClient, first: HttpResponse): Promise<Descriptor[]> {
  const listed: Descriptor[] = [];
  const seen = new Set<string>();
  for (let response = first; ; ) {
    listed.push(...parseIndex(await response.text(documentLimit), refusing(client)).manifests);
    const next = nextPage(response);
    if (!next || seen.has(next.href)) return listed;
    seen.add(next.href);
    response = await client.call(next, { headers: { accept: mediaTypes.ociIndex } });
    if (response.status !== 200) throw await client.refusal(response, `referrers in "${familiarRepository(client.reference)}"`);
  }
}

async function fetchListed(client: RegistryClient, digest: string): Promise<Index> {
  const none: Index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
  if (!(await hasManifest(client, referrersTag(digest)))) return none;
  const document = await fetchDocument(client, referrersTag(digest));
  return isIndexType(document.mediaType) ? parseIndex(document.text, refusing(client)) : none;
}

/** Stores a manifest that refers to another, and lists it where the registry does not. */
export async function putReferrer(client: RegistryClient, document: StoredDocument): Promise<void> {
  const { digest, mediaType, text } = document;
  const { descriptor, subject } = describeReferrer(document);
  const { isListed } = await putManifest(client, digest, mediaType, text);
  if (isListed || !subject) return;
  const listed = await fetchListed(client, subject.digest);
  if (listed.manifests.some((each) => each.digest === digest)) return;
  const next: Index = { ...listed, manifests: [...listed.manifests, descriptor] };
  await putManifest(client, referrersTag(subject.digest), mediaTypes.ociIndex, JSON.stringify(next));
}
