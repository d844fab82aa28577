/**
 * `--build-context NAME=oci-layout://DIRECTORY[:TAG|@DIGEST]`: an image from an OCI image layout (image-spec, "Image
 * Layout"). Its layers come into the store for as long as something uses them; the image itself gets no name there.
 */
import { closeSync, fstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { EngineError } from "../../errors.ts";
import {
  chainsOf,
  isImageConfigType,
  isIndexType,
  parseHead,
  parseImageConfig,
  parseIndex,
  parseManifest,
  type Refuse,
  selectManifest,
  sha256,
} from "../../image/documents/index.ts";
import { lowerdirs, storeStack } from "../../image/layers/index.ts";
import type { ResolvedImage } from "../../image/store/index.ts";
import type { Descriptor, Index } from "../../image/types.ts";
import { hostPlatform, parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { openRegular, readLimited } from "../../sys/limited-file.ts";

export interface LayoutAddress {
  directory: string;
  tag?: string;
  digest?: string;
}

/** Bytes of an index, a manifest or a config: what registries let one have. */
const maxDocument = 4 << 20;

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** @param text what follows "oci-layout://" @throws EngineError `invalid` */
export function parseLayoutAddress(text: string, cwd: string): LayoutAddress {
  const [path = "", digest] = text.split(/@(?=[^/]*$)/);
  if (digest !== undefined) {
    if (!digestPattern.test(digest)) throw new EngineError("invalid", `cannot use "${text}": "${digest}" is no sha256 digest`);
    return { directory: resolve(cwd, path), digest };
  }
  const [, directory = text, tag = "latest"] = /^(.*):([\w.-]+)$/.exec(text) ?? [];
  return { directory: resolve(cwd, directory), tag };
}

/**
 * Brings the image's layers into the store.
 * @param platform of the build, where an index offers several; default this host's
 * @throws EngineError `not-found`, `corrupt`, `archive`
 */
export async function openLayout(
  ground: Ground,
  address: LayoutAddress,
  platform: string | undefined,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const { directory } = address;
  const descriptor = select(address, platform);
  const manifest = parseManifest(readBlob(directory, descriptor.digest), malformed(directory, descriptor.digest));
  if (!isImageConfigType(manifest.config.mediaType))
    throw new EngineError("invalid", `cannot use "${directory}": ${descriptor.digest} is no image`);
  const config = parseImageConfig(readBlob(directory, manifest.config.digest), malformed(directory, manifest.config.digest));
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length)
    throw new EngineError("corrupt", `cannot use "${directory}": its config and its manifest do not name the same layers`);
  await storeLayers(ground, directory, manifest.layers, diffIds, signal);
  const chainId = chainsOf(diffIds).at(-1) ?? "";
  return { id: manifest.config.digest, reference: directory, config, chainId, lowerdirs: lowerdirs(ground, chainId) ?? [] };
}

/** The manifest that a tag or digest of the index leads to. */
function select({ directory, tag, digest }: LayoutAddress, platform: string | undefined): Descriptor {
  const { manifests } = readIndex(directory);
  const named = manifests.filter((each) => each.annotations?.["org.opencontainers.image.ref.name"] === tag);
  const found = digest === undefined ? (named[0] ?? (tag === "latest" && manifests.length === 1 ? manifests[0] : undefined)) : undefined;
  // A digest may name what only a nested index lists, or nothing but its own blob.
  const top = digest === undefined ? found : (manifests.find((each) => each.digest === digest) ?? { mediaType: "", digest, size: 0 });
  if (!top) throw new EngineError("not-found", `cannot find tag "${tag}" in the OCI layout "${directory}"`, { hint: hintOf(manifests) });
  const content = readBlob(directory, top.digest);
  const refuse = malformed(directory, top.digest);
  if (!isIndexType(parseHead(content, refuse).mediaType ?? top.mediaType)) return top;
  const wanted = platform === undefined ? hostPlatform() : parsePlatform(platform);
  const chosen = selectManifest(parseIndex(content, refuse).manifests, wanted);
  if (!chosen) throw new EngineError("not-found", `the OCI layout "${directory}" has no image for ${wanted.os}/${wanted.architecture}`);
  return chosen;
}

function hintOf(manifests: readonly Descriptor[]): string {
  const names = manifests.flatMap(({ annotations }) => annotations?.["org.opencontainers.image.ref.name"] ?? []);
  return names.length > 0 ? `it has ${names.join(", ")}` : "name the image by its digest: oci-layout://DIRECTORY@sha256:…";
}

function readIndex(directory: string): Index {
  const refuse: Refuse = (why, cause) => new EngineError("invalid", `cannot use "${directory}" as an OCI layout: ${why}`, { cause });
  let source: string;
  try {
    source = readDocument(join(directory, "index.json"), "index.json").toString("utf8");
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
  return parseIndex(source, refuse);
}

function blobPath(directory: string, digest: string): string {
  if (!digestPattern.test(digest)) throw new EngineError("corrupt", `cannot use "${directory}": "${digest}" is no sha256 digest`);
  return join(directory, "blobs", "sha256", digest.slice("sha256:".length));
}

function malformed(directory: string, digest: string): Refuse {
  return (why, cause) => new EngineError("corrupt", `cannot use "${directory}": blob ${digest} is malformed: ${why}`, { cause });
}

/** A JSON blob, checked against its name. */
function readBlob(directory: string, digest: string): string {
  let text: Buffer;
  try {
    text = readDocument(blobPath(directory, digest), digest);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("not-found", `cannot find ${digest} in the OCI layout "${directory}"`, { cause });
  }
  if (sha256(text) !== digest) throw new EngineError("corrupt", `cannot use "${directory}": blob ${digest} is damaged`);
  return text.toString("utf8");
}

/** An index, a manifest or a config. */
function readDocument(path: string, name: string): Buffer {
  return readLimited(path, { limit: maxDocument, name: `"${name}"` });
}

async function storeLayers(
  ground: Ground,
  directory: string,
  layers: readonly Descriptor[],
  diffIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const open: number[] = [];
  try {
    await storeStack(
      ground,
      diffIds,
      {
        open(index) {
          const { digest } = layers[index]!;
          const fd = openRegular(blobPath(directory, digest), `"${digest}"`);
          open.push(fd);
          return { fd, start: 0, end: fstatSync(fd).size };
        },
        verify(index, { blobDigest }) {
          const { digest } = layers[index]!;
          if (blobDigest !== digest) throw new EngineError("corrupt", `cannot use "${directory}": blob ${digest} is damaged`);
        },
        onState() {},
        onProgress() {},
      },
      signal,
    );
  } finally {
    for (const fd of open) closeSync(fd);
  }
}
