/**
 * Signatures that the blob store keeps of its images, as what refers to them: so they are there when no registry is, go with their
 * image, and wherever it goes. cosign's, which a registry has behind a tag, are kept in the form that cosign has for referrers.
 */
import { mediaTypes, sha256 } from "../image/documents/index.ts";
import { attachReferrer, findBlob, readBlobBytes, readDocument, referrersOf } from "../image/store/index.ts";
import type { Descriptor } from "../image/types.ts";
import type { Ground } from "../state/ground.ts";
import {
  type Carrier,
  cosignArtifact,
  largestSignature,
  mostSignatures,
  readCarrier,
  signatureLayers,
  signatureTypes,
} from "./evidence.ts";

/** What the store has of signatures of a digest. */
export async function keptSignatures(ground: Ground, digest: string): Promise<Carrier[]> {
  const carriers: Carrier[] = [];
  for (const referrer of referrersOf(ground, digest).slice(0, mostSignatures)) {
    const document = readDocument(ground, referrer.digest);
    const layers = document && layersOf(document);
    if (!layers || layers.length === 0) continue;
    const blobs = await Promise.all(layers.map(async (descriptor) => ({ descriptor, bytes: await keptBytes(ground, descriptor) })));
    carriers.push({ document, blobs: blobs.flatMap(({ descriptor, bytes }) => (bytes ? [{ descriptor, bytes }] : [])) });
  }
  return carriers;
}

function layersOf(document: Carrier["document"]): Descriptor[] {
  try {
    return signatureLayers(readCarrier(document));
  } catch {
    return []; // an index, or something else that holds no signatures
  }
}

async function keptBytes(ground: Ground, { digest }: Descriptor): Promise<Buffer | undefined> {
  const blob = findBlob(ground, digest);
  if (!blob || blob.size > largestSignature) return undefined;
  const parts: Buffer[] = [];
  try {
    for await (const part of readBlobBytes(ground, blob)) parts.push(part);
  } catch {
    return undefined; // damaged: it speaks for nothing
  }
  return Buffer.concat(parts);
}

/** Keeps signatures of a document of the store. What is not whole stays away. */
export async function keepSignatures(ground: Ground, digest: string, carriers: readonly Carrier[]): Promise<void> {
  const subject = findBlob(ground, digest);
  if (!subject) return;
  for (const { document, blobs } of carriers) {
    const manifest = readCarrier(document);
    const given = new Set(blobs.map(({ descriptor }) => descriptor.digest));
    if (![manifest.config, ...manifest.layers].every((each) => given.has(each.digest))) continue;
    if (manifest.subject && manifest.subject.digest !== digest) continue;
    const text = manifest.subject ? document.text : asReferrer(document.text, manifest.layers, subject);
    if (!readDocument(ground, sha256(text))) await attachReferrer(ground, { text, blobs: blobs.map(({ bytes }) => bytes) });
  }
}

function asReferrer(text: string, layers: readonly Descriptor[], subject: Descriptor): string {
  const artifactType = cosignArtifact(layers.some(({ mediaType }) => mediaType === signatureTypes.simple) ? "sig" : "att");
  return JSON.stringify({ ...(JSON.parse(text) as object), mediaType: mediaTypes.ociManifest, artifactType, subject });
}
