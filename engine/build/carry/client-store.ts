/**
 * The cache in a directory of a client's (`type=local` of who builds over the API): an OCI manifest in a content store that the client
 * serves, as in a registry (registry.ts). The client itself writes down which manifest its tag stands for.
 */
import { EngineError } from "../../errors.ts";
import { mediaTypes, sha256 } from "../../image/documents/index.ts";
import { findLayer as findStored, type LayerRow } from "../../image/layers/index.ts";
import { Meter } from "../../image/progress.ts";
import type { Descriptor, Manifest } from "../../image/types.ts";
import { compressLayer, knownBlobs, nowhere, presentWay, rememberBlob } from "../../registry/layer-blob.ts";
import type { Ground } from "../../state/ground.ts";
import type { ClientStore } from "../index.ts";
import { type CacheConfig, cacheConfigType, cacheDocuments, locate } from "./cache-config.ts";
import type { CarriedStep, UsedStep } from "./carried.ts";

/** Bytes of a manifest or a config: what registries let one have. */
const maxDocument = 4 << 20;

/** The steps that a store offers. @param digest of the cache's manifest. @throws EngineError `not-found`, `corrupt` */
export async function readStore(store: ClientStore, digest: string, signal: AbortSignal): Promise<CarriedStep[]> {
  const manifest = JSON.parse(await readDocument(store, digest, signal)) as Partial<Manifest>;
  if (manifest.config?.mediaType !== cacheConfigType) throw new EngineError("invalid", `${digest} is no manifest of a cache`);
  const config = JSON.parse(await readDocument(store, manifest.config.digest, signal)) as CacheConfig;
  return locate(config, manifest.layers ?? []).map(({ descriptor, ...step }) => ({
    ...step,
    open: (during) => ({ source: store.read(descriptor.digest, during), [Symbol.dispose]: () => {} }),
  }));
}

async function readDocument(store: ClientStore, digest: string, signal: AbortSignal): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of store.read(digest, signal)) {
    if ((size += part.length) > maxDocument) throw new EngineError("corrupt", `cannot use ${digest}: it is no document of a cache`);
    parts.push(part);
  }
  const content = Buffer.concat(parts);
  if (sha256(content) !== digest) throw new EngineError("corrupt", `cannot use ${digest}: its content is another`);
  return content.toString("utf8");
}

/** Writes the steps' layers, those that the store has not, and what describes them. @returns the manifest's descriptor */
export async function writeStore(ground: Ground, store: ClientStore, used: readonly UsedStep[], signal: AbortSignal): Promise<Descriptor> {
  const descriptors = new Map<string, Descriptor>();
  for (const { layer } of used) {
    const row = findStored(ground, layer.chainId);
    if (!row) throw new EngineError("corrupt", `cannot send layer ${layer.diffId}: it is not in the store any more`);
    if (!descriptors.has(layer.diffId)) descriptors.set(layer.diffId, await writeLayer(ground, store, row, signal));
  }
  const { config, manifest } = cacheDocuments(used, descriptors);
  await store.write([config], signal);
  return { mediaType: mediaTypes.ociManifest, ...(await store.write([manifest], signal)) };
}

async function writeLayer(ground: Ground, store: ClientStore, layer: LayerRow, signal: AbortSignal): Promise<Descriptor> {
  const mediaType = mediaTypes.ociLayerGzip;
  const known = knownBlobs(ground, layer.diff_id).find(({ own }) => own === presentWay);
  if (known && (await store.has(known.digest, signal))) return { mediaType, digest: known.digest, size: known.size };
  const meter = new Meter(() => {}, layer.diff_id);
  const written = await store.write(compressLayer(ground, layer, presentWay, { meter, status: "", signal }), signal);
  rememberBlob(ground, layer.diff_id, { mediaType: mediaTypes.dockerLayerGzip, ...written }, nowhere, presentWay);
  return { mediaType, ...written };
}
