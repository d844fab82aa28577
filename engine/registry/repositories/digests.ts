/** Which manifests the tags of a repository stand for. */
import { Slots } from "../../image/layers/index.ts";
import type { RegistryClient } from "../client.ts";
import { acceptedManifests, fetchDocument } from "../manifest.ts";

/** Questions at the same time. */
const atOnce = 6;

/** @throws EngineError `not-found`, `registry`, `registry-auth` */
export async function digestOfTag(client: RegistryClient, tag: string): Promise<string> {
  const response = await client.call(`manifests/${tag}`, { method: "HEAD", headers: { accept: acceptedManifests } });
  response.discard();
  const stated = response.headers["docker-content-digest"];
  if (response.status === 200 && stated !== undefined && /^[a-z0-9]+:[0-9a-f]{32,}$/.test(stated)) return stated;
  // It says nothing without the document, or why not.
  return (await fetchDocument(client, tag)).digest;
}

/** The other tags of a repository that stand for a digest. @throws EngineError `not-found`, `registry`, `registry-auth` */
export async function tagsOfDigest(client: RegistryClient, tags: readonly string[], digest: string): Promise<string[]> {
  const digests = await eachOf(tags, (tag) => digestOfTag(client, tag).catch(() => undefined)); // gone meanwhile
  return tags.filter((_, at) => digests[at] === digest);
}

/** Asks about many things, a few at a time; the answers in their order. */
export function eachOf<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const slots = new Slots(atOnce);
  return Promise.all(items.map((item) => slots.run(() => ask(item))));
}
