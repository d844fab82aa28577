/**
 * The cache in a registry (`--cache-to`, `--cache-from` type=registry): an OCI manifest whose config is BuildKit's cache
 * config and whose layers are the steps'. An image that carries its cache in its own config (type=inline) is read too.
 */
import type { Credentials } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { familiar, full, isImageConfigType, mediaTypes, type Reference, withTag } from "../../image/documents/index.ts";
import { findLayer as findStored, parallel, Slots } from "../../image/layers/index.ts";
import type { Descriptor, ImageConfig } from "../../image/types.ts";
import { hostPlatform } from "../../platform.ts";
import { readBlob } from "../../registry/blob.ts";
import { RegistryClient } from "../../registry/client.ts";
import { pushLayer } from "../../registry/layer-blob.ts";
import { fetchDocumentBlob, fetchManifest } from "../../registry/manifest.ts";
import { ociType } from "../../registry/push.ts";
import { putManifest, uploadBytes } from "../../registry/upload.ts";
import type { Ground } from "../../state/ground.ts";
import { type CacheConfig, cacheConfigType, cacheDocuments, inlineSteps, type Located, locate } from "./cache-config.ts";
import type { CarriedStep, UsedStep } from "./carried.ts";

interface Access {
  credentials: Credentials | null | undefined;
  signal: AbortSignal;
}

/** The steps that a cache or an image in a registry offers. @throws EngineError `untrusted` where the policies do not let it be used */
export async function readRegistry(
  { lent }: Ground,
  reference: Reference,
  { credentials, signal, isUnverified }: Access & { isUnverified: boolean | undefined },
): Promise<CarriedStep[]> {
  const client = new RegistryClient(reference, { credentials, signal });
  const isKnown = (mediaType: string) => mediaType === cacheConfigType || isImageConfigType(mediaType);
  const { manifest, topDigest, digest } = await fetchManifest(client, hostPlatform(), isKnown);
  const digests = [...new Set([topDigest, digest])];
  await lent.trust.admit({ name: full(withTag(reference)), digests, isUnverified, access: { credentials, signal } });
  const config = JSON.parse(await fetchDocumentBlob(client, manifest.config)) as CacheConfig | ImageConfig;
  const located =
    manifest.config.mediaType === cacheConfigType
      ? locate(config as CacheConfig, manifest.layers)
      : stepsOf(reference, config as ImageConfig, manifest.layers);
  return located.map(({ descriptor, ...step }) => ({
    ...step,
    open: (during) => {
      const taking = new RegistryClient(reference, { credentials, signal: during });
      return { source: readBlob(taking, descriptor), [Symbol.dispose]: () => {} };
    },
  }));
}

function stepsOf(reference: Reference, config: ImageConfig, layers: readonly Descriptor[]): Located[] {
  const steps = inlineSteps(config, layers);
  if (!steps) {
    throw new EngineError("not-found", `"${familiar(reference)}" is an image without a build cache`, {
      hint: "build and push it with --cache-to type=inline",
    });
  }
  return steps;
}

/** Sends the steps' layers, those that the repository has not, and what describes them. */
export async function writeRegistry(
  ground: Ground,
  reference: Reference,
  used: readonly UsedStep[],
  { credentials, signal }: Access,
): Promise<void> {
  const abort = new AbortController();
  const client = new RegistryClient(reference, { actions: "pull,push", credentials, signal: AbortSignal.any([signal, abort.signal]) });
  const slots = new Slots(parallel);
  const chains = new Map(used.map(({ layer }) => [layer.diffId, layer.chainId]));
  const pushing = [...chains].map(([diffId, chainId]) =>
    slots.run(async () => {
      const layer = findStored(ground, chainId);
      if (!layer) throw new EngineError("corrupt", `cannot send layer ${diffId}: it is not in the store any more`);
      const descriptor = await pushLayer(ground, client, layer, () => {});
      return [diffId, { ...descriptor, mediaType: ociType(descriptor.mediaType) }] as const;
    }),
  );
  const descriptors = await Promise.all(pushing).catch(async (error: unknown) => {
    abort.abort(error);
    await Promise.allSettled(pushing);
    throw error;
  });
  const { config, manifest } = cacheDocuments(used, new Map(descriptors));
  await uploadBytes(client, config);
  const { tag = "latest" } = client.reference;
  await putManifest(client, tag, mediaTypes.ociManifest, manifest.toString());
}
