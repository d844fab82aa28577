/** What an image came or left with, out of the blob store: the manifest, and the index that a name stands for. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { isIndexType, parseManifest } from "../documents/index.ts";
import type { Descriptor } from "../types.ts";
import { below, readDocument, type StoredDocument } from "./blobs.ts";
import { type Found, manifestsOf, topOf } from "./store.ts";

export interface KeptDocuments {
  manifest: StoredDocument;
  /** Of the manifest, lowest first. */
  layers: Descriptor[];
  /** What the name stands for, when that is not the manifest itself. */
  index?: StoredDocument;
}

/** Undefined for an image that never had a manifest, or whose files are gone. */
export function keptDocuments(ground: Ground, found: Found): KeptDocuments | undefined {
  const top = topOf(ground, found);
  const named = below(ground, top);
  const digests = manifestsOf(ground, found.image.id).sort((a, b) => Number(named.has(b)) - Number(named.has(a)));
  for (const digest of digests) {
    const manifest = readDocument(ground, digest);
    if (!manifest) continue;
    const refuse = (why: string) => new EngineError("corrupt", `cannot read the manifest ${digest}: ${why}`);
    const { layers } = parseManifest(manifest.text, refuse);
    const index = top !== digest && named.has(digest) ? readDocument(ground, top) : undefined;
    return { manifest, layers, ...(index && isIndexType(index.mediaType) && { index }) };
  }
  return undefined;
}
