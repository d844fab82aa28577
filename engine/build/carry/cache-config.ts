/**
 * BuildKit's description of a cache (its cache/remotecache/v1 package): records that name layers by their place. Members are
 * BuildKit's, so its tools read what is written here and the other way round; digests of records are the builder's own
 * cache keys, so that neither finds the other's steps.
 */
import { chainsOf, mediaTypes, sha256 } from "../../image/documents/index.ts";
import type { Descriptor, ImageConfig, Manifest } from "../../image/types.ts";
import { isGood, type UsedStep } from "./carried.ts";

export const cacheConfigType = "application/vnd.buildkit.cacheconfig.v0";
/** Annotation of a layer's descriptor: the digest of its tar. */
const diffIdAnnotation = "containerd.io/uncompressed";

interface CacheRecord {
  digest?: string;
  layers?: { layer: number; createdAt: string }[];
}

export interface CacheConfig {
  /** `parent`: place of the layer below, -1 for none. */
  layers?: { blob: string; parent?: number; annotations?: { mediaType?: string; diffID?: string; size?: number; createdAt?: string } }[];
  records?: CacheRecord[];
}

/** A step and where its layer is. */
export interface Located {
  key: string;
  created: string;
  diffId: string;
  descriptor: Descriptor;
}

/** Steps that a cache config names, with descriptors out of its manifest. */
export function locate({ layers = [], records = [] }: CacheConfig, descriptors: readonly Descriptor[]): Located[] {
  return steps(records, (index) => {
    const layer = layers[index];
    const descriptor = descriptors.find(({ digest }) => digest === layer?.blob);
    const diffId = layer?.annotations?.diffID ?? descriptor?.annotations?.[diffIdAnnotation];
    return descriptor && diffId !== undefined ? { descriptor, diffId } : undefined;
  });
}

/** Steps that an image's own config names: undefined of one that carries no cache. */
export function inlineSteps(config: ImageConfig, descriptors: readonly Descriptor[]): Located[] | undefined {
  const encoded = config["moby.buildkit.cache.v0"];
  if (encoded === undefined) return undefined;
  const records = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as CacheConfig["records"];
  return locateInline(records ?? [], descriptors, config.rootfs?.diff_ids ?? []);
}

/** Layers are the image's, by their place. */
export function locateInline(records: readonly CacheRecord[], descriptors: readonly Descriptor[], diffIds: readonly string[]): Located[] {
  return steps(records, (index) => {
    const [descriptor, diffId] = [descriptors[index], diffIds[index]];
    return descriptor && diffId !== undefined ? { descriptor, diffId } : undefined;
  });
}

function steps(records: readonly CacheRecord[], find: (index: number) => Omit<Located, "key" | "created"> | undefined): Located[] {
  return records.flatMap(({ digest = "", layers }) => {
    const [result] = layers ?? [];
    const layer = result && find(result.layer);
    if (!layer) return [];
    const step = { key: digest.replace(/^sha256:/, ""), created: result.createdAt, ...layer };
    return isGood(step) && !Number.isNaN(Date.parse(step.created)) ? [step] : [];
  });
}

/** The config of a cache, and its layers in the order of their places. @param descriptors by diff id */
function describe(used: readonly UsedStep[], descriptors: ReadonlyMap<string, Descriptor>): { config: CacheConfig; layers: Descriptor[] } {
  const diffIds = [...descriptors.keys()];
  const createdOf = (diffId: string) => used.find(({ layer }) => layer.diffId === diffId)?.layer.created;
  const layers = diffIds.map((diffId) => {
    const { mediaType, digest, size } = descriptors.get(diffId) as Descriptor;
    return { blob: digest, parent: -1, annotations: { mediaType, diffID: diffId, size, createdAt: createdOf(diffId) } };
  });
  const records = used.map(({ key, layer }) => record(key, diffIds.indexOf(layer.diffId), layer.created));
  return {
    config: { layers, records },
    layers: diffIds.map((diffId) => ({ ...(descriptors.get(diffId) as Descriptor), annotations: { [diffIdAnnotation]: diffId } })),
  };
}

/** The config of a cache, and the OCI manifest that holds it together with its layers; what they are sent as. */
export function cacheDocuments(
  used: readonly UsedStep[],
  descriptors: ReadonlyMap<string, Descriptor>,
): { config: Buffer; manifest: Buffer } {
  const described = describe(used, descriptors);
  const config = Buffer.from(JSON.stringify(described.config));
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: cacheConfigType, digest: sha256(config), size: config.length },
    layers: described.layers,
  };
  return { config, manifest: Buffer.from(JSON.stringify(manifest)) };
}

/** The records of the steps whose layers are in an image, for its config. */
export function describeInline(used: readonly UsedStep[], diffIds: readonly string[]): CacheRecord[] {
  const chains = chainsOf(diffIds);
  return used
    .filter(({ layer }) => chains.includes(layer.chainId))
    .map(({ key, layer }) => record(key, chains.indexOf(layer.chainId), layer.created));
}

function record(key: string, layer: number, createdAt: string): CacheRecord {
  return { digest: `sha256:${key}`, layers: [{ layer, createdAt }] };
}
