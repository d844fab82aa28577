/**
 * The JSON documents that images are made of (types.ts), as they come from outside: each is read here and nowhere else, so
 * that what the store and the commands see has the form that its type promises. Pure.
 */

import type { Descriptor, ImageConfig, Index, Manifest } from "../types.ts";
import { mediaTypes } from "./media-types.ts";
import { bytes, digest, listOf, mapOf, object, parseShaped, type Refuse, required, type Shape, text, truth, whole, word } from "./shape.ts";

const platform = object({ os: text, architecture: text, variant: text });
const annotations = mapOf(text);
const descriptor = { mediaType: text, digest: required(digest), size: required(bytes), annotations, platform, artifactType: text };

const manifest = object({
  schemaVersion: whole,
  mediaType: text,
  config: required(object(descriptor)),
  layers: listOf(object(descriptor)),
  subject: object(descriptor),
  artifactType: text,
  annotations,
});

/** Entries that are not chosen may have a digest of another algorithm: the chosen one is checked when it is fetched. */
const index = object({
  schemaVersion: whole,
  mediaType: text,
  manifests: listOf(object({ ...descriptor, digest: required(text) })),
  subject: object(descriptor),
  artifactType: text,
  annotations,
});

const healthcheck = object({
  Test: listOf(word),
  Interval: whole,
  Timeout: whole,
  StartPeriod: whole,
  StartInterval: whole,
  Retries: whole,
});

/** A set, as Go writes one: an object whose member names are paths. */
const paths: Shape = (value, place) => mapOf(object({}))(value, place) ?? (value ? listOf(word)(Object.keys(value), place) : undefined);

const containerConfig: Record<string, Shape> = {
  Hostname: word,
  Domainname: word,
  User: word,
  ExposedPorts: mapOf(object({})),
  Tty: truth,
  OpenStdin: truth,
  Env: listOf(word),
  Cmd: listOf(word),
  Healthcheck: healthcheck,
  Volumes: paths,
  WorkingDir: word,
  Entrypoint: listOf(word),
  OnBuild: listOf(text),
  Labels: mapOf(text),
  StopSignal: word,
  StopTimeout: whole,
  Shell: listOf(word),
};

const config = object({
  created: text,
  author: text,
  comment: text,
  architecture: text,
  os: text,
  variant: text,
  config: object(containerConfig),
  rootfs: required(object({ diff_ids: listOf(digest) })),
  history: listOf(object({ created: text, created_by: text, author: text, comment: text, empty_layer: truth })),
  "moby.buildkit.cache.v0": text,
});

/** The media type that a document states, before its form has been checked. */
export function parseHead(source: string, refuse: Refuse): { schemaVersion?: number; mediaType?: string } {
  return parseShaped(source, object({ schemaVersion: whole, mediaType: text }), refuse);
}

/** Media types that are not stated are docker's, as docker takes them. @throws what `refuse` makes */
export function parseManifest(source: string, refuse: Refuse): Manifest {
  const parsed = parseShaped<Manifest & { layers?: Descriptor[] | null }>(source, manifest, refuse);
  const layers = parsed.layers ?? [];
  return {
    ...parsed,
    config: { ...parsed.config, mediaType: parsed.config.mediaType ?? mediaTypes.dockerConfig },
    layers: layers.map((layer) => ({ ...layer, mediaType: layer.mediaType ?? mediaTypes.dockerLayerGzip })),
  };
}

/** @throws what `refuse` makes */
export function parseIndex(source: string, refuse: Refuse): Index {
  const parsed = parseShaped<Index & { manifests?: Descriptor[] | null }>(source, index, refuse);
  return { ...parsed, manifests: parsed.manifests ?? [] };
}

/** @throws what `refuse` makes, also when it names no layers at all */
export function parseImageConfig(source: string, refuse: Refuse): ImageConfig {
  const parsed = parseShaped<ImageConfig>(source, config, refuse);
  if (!parsed.rootfs.diff_ids) throw refuse('"rootfs.diff_ids" is missing');
  return parsed;
}
