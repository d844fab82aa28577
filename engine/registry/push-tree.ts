/** What a push sends beside an image: the other manifests of its index, as they came, and what refers to any of it. */
import { EngineError } from "../errors.ts";
import type { ProgressEvent } from "../events.ts";
import { isDistributable, isDocumentType, isIndexType, repository } from "../image/documents/index.ts";
import { layersOf } from "../image/layers/index.ts";
import { Meter } from "../image/progress.ts";
import {
  below,
  findBlob,
  type ImageRow,
  readBlobBytes,
  readDocument,
  referrersOf,
  type StoredDocument,
  type Variant,
  variantsOf,
} from "../image/store/index.ts";
import type { Descriptor, Manifest } from "../image/types.ts";
import type { Ground } from "../state/ground.ts";
import type { RegistryClient } from "./client.ts";
import { counted, findThere, knownPlaces, pushLayer } from "./layer-blob.ts";
import { putReferrer } from "./referrers.ts";
import { hasManifest, putManifest, uploadBytes, uploadStream } from "./upload.ts";

type Report = (event: ProgressEvent) => void;

/**
 * Sends what the repository lacks of an index beside one manifest, whose blobs it has, and that manifest; the index itself not.
 * @returns false when something of it is neither there nor here
 */
export async function pushOthers(
  ground: Ground,
  client: RegistryClient,
  index: StoredDocument,
  own: StoredDocument,
  report: Report,
): Promise<boolean> {
  const lacking: Variant[] = [];
  for (const each of variantsOf(ground, index.digest)) {
    const { digest } = each.descriptor;
    if (digest === own.digest || (await hasManifest(client, digest))) continue;
    if (!each.isWhole) return false;
    lacking.push(each);
  }
  for (const each of lacking) if (!(await pushVariant(ground, client, each, report))) return false;
  // What is named lies behind what names it, so that this order is from the bottom up.
  const indexes = [...below(ground, index.digest)].reverse().flatMap((digest) => storedIndex(ground, digest) ?? []);
  for (const { digest, mediaType, text } of [own, ...indexes])
    if (digest !== index.digest) await putManifest(client, digest, mediaType, text);
  return true;
}

function storedIndex(ground: Ground, digest: string): StoredDocument | undefined {
  const blob = findBlob(ground, digest);
  return blob && isIndexType(blob.mediaType) ? readDocument(ground, digest) : undefined;
}

/**
 * Sends a manifest of the store, with all that it names, under its digest.
 * @returns false when a layer of it cannot be had as the manifest names it
 */
export async function pushVariant(ground: Ground, client: RegistryClient, variant: Variant, report: Report): Promise<boolean> {
  const { document, manifest, image } = variant;
  if (!document || !manifest) return false;
  if (image && !isStored(ground, manifest)) {
    if (!(await pushUnpacked(ground, client, image, manifest, report))) return false;
  } else for (const blob of [...manifest.layers, manifest.config]) await pushBlob(ground, client, blob, report);
  await putManifest(client, document.digest, document.mediaType, document.text);
  return true;
}

function isStored(ground: Ground, { config, layers }: Manifest): boolean {
  return [config, ...layers].every(({ digest }) => findBlob(ground, digest));
}

async function pushUnpacked(
  ground: Ground,
  client: RegistryClient,
  image: ImageRow,
  { layers }: Manifest,
  report: Report,
): Promise<boolean> {
  const rows = layersOf(ground, image.chain_id)?.reverse() ?? [];
  for (const [at, wanted] of layers.entries()) {
    const sent = rows[at] && (await pushLayer(ground, client, rows[at], report, wanted));
    if (sent?.digest !== wanted.digest) return false;
  }
  await uploadBytes(client, Buffer.from(image.config));
  return true;
}

/** Sees to it that the repository has a blob: there, mounted, or sent from the store. */
async function pushBlob(ground: Ground, client: RegistryClient, blob: Descriptor, report: Report): Promise<void> {
  if (!isDistributable(blob.mediaType)) return;
  client.signal?.throwIfAborted();
  const meter = new Meter(report, blob.digest.slice("sha256:".length, 19), blob.size);
  meter.state("Preparing");
  const target = repository(client.reference);
  const there = { ...blob, repository: target, own: 0 as const };
  if (await findThere(client, [there, ...knownPlaces(ground, blob)], target, meter)) return;
  const stored = findBlob(ground, blob.digest);
  if (!stored) throw new EngineError("not-found", `cannot push blob ${blob.digest}: it is not in the store`);
  await uploadStream(client, counted(readBlobBytes(ground, stored), meter, "Pushing"), blob.digest);
  meter.state("Pushed", true);
}

/** Sends what refers to a document that was sent, to what that names, and to those again. */
export async function pushReferrers(ground: Ground, client: RegistryClient, top: string, report: Report): Promise<void> {
  const subjects = new Set(below(ground, top));
  // A set that grows while it is walked through is walked through to its new end.
  for (const subject of subjects) {
    for (const { digest } of referrersOf(ground, subject)) {
      const document = subjects.has(digest) ? undefined : readDocument(ground, digest);
      if (!document) continue;
      subjects.add(digest);
      if (!(await hasManifest(client, digest))) await pushNamed(ground, client, digest, report);
      await putReferrer(client, document);
    }
  }
}

/** All that a document names, from the bottom up. */
async function pushNamed(ground: Ground, client: RegistryClient, top: string, report: Report): Promise<void> {
  for (const digest of [...below(ground, top)].reverse()) {
    const blob = digest === top ? undefined : findBlob(ground, digest);
    if (!blob) continue;
    const document = isDocumentType(blob.mediaType) ? readDocument(ground, digest) : undefined;
    if (document) await putManifest(client, digest, document.mediaType, document.text);
    else await pushBlob(ground, client, blob, report);
  }
}
