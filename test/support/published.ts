/** Images in a registry as other tools put them there: layers compressed otherwise than berth does, manifests of every form. */
import { gzipSync } from "node:zlib";
import { sha256 } from "../../engine/image/documents/chain.ts";
import { encodeConfig } from "../../engine/image/documents/config.ts";
import { mediaTypes } from "../../engine/image/documents/media-types.ts";
import { parseReference } from "../../engine/image/documents/reference.ts";
import type { Descriptor, Index, Manifest } from "../../engine/image/types.ts";
import { RegistryClient } from "../../engine/registry/client.ts";
import { listReferrers, putReferrer } from "../../engine/registry/referrers.ts";
import { hasBlob, putManifest, uploadBytes } from "../../engine/registry/upload.ts";

export interface Published {
  /** "sha256:…" of the config. */
  id: string;
  digest: string;
  /** The manifest's bytes. */
  text: string;
  descriptor: Descriptor;
}

const describe = (mediaType: string, bytes: Buffer): Descriptor => ({ mediaType, digest: sha256(bytes), size: bytes.length });

/** @param layers uncompressed tars, lowest first */
export async function publish(
  name: string,
  layers: readonly Buffer[],
  {
    architecture = "amd64",
    plain = false,
    level = 1,
    created = "2026-01-01T00:00:00Z",
    annotations = { "com.example": "kept" } as Record<string, string>,
  } = {},
): Promise<Published> {
  const client = new RegistryClient(parseReference(name), { actions: "pull,push" });
  const blobs = layers.map((layer) => (plain ? layer : gzipSync(layer, { level })));
  const rootfs = { type: "layers" as const, diff_ids: layers.map(sha256) };
  const config = Buffer.from(encodeConfig({ architecture, os: "linux", created, rootfs }));
  for (const bytes of [...blobs, config]) await uploadBytes(client, bytes);
  const layerType = plain ? mediaTypes.ociLayer : mediaTypes.ociLayerGzip;
  // Blanks and order are the writer's own.
  const text = `${JSON.stringify(
    {
      mediaType: mediaTypes.ociManifest,
      schemaVersion: 2,
      layers: blobs.map((bytes) => describe(layerType, bytes)),
      config: describe(mediaTypes.ociConfig, config),
      annotations,
    },
    null,
    7,
  )}\n`;
  const { digest } = await putManifest(client, client.reference.tag ?? sha256(text), mediaTypes.ociManifest, text);
  const descriptor = { ...describe(mediaTypes.ociManifest, Buffer.from(text)), platform: { os: "linux", architecture } };
  return { id: sha256(config), digest, text, descriptor };
}

/** A manifest that is no image's: an attestation as BuildKit makes it, a signature. @param subject what it refers to */
export async function publishArtifact(
  name: string,
  content: string,
  { subject, artifactType = "application/vnd.example.signature" }: { subject?: Descriptor; artifactType?: string } = {},
): Promise<Descriptor> {
  const client = new RegistryClient(parseReference(name), { actions: "pull,push" });
  const [config, layer] = [Buffer.from("{}"), Buffer.from(content)];
  for (const bytes of [config, layer]) await uploadBytes(client, bytes);
  const { platform: _, ...plain } = subject ?? { platform: undefined };
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType,
    config: describe("application/vnd.oci.empty.v1+json", config),
    layers: [describe("application/vnd.example+json", layer)],
    ...(subject && { subject: plain }),
  });
  const descriptor = describe(mediaTypes.ociManifest, Buffer.from(text));
  await putReferrer(client, { ...descriptor, text });
  return descriptor;
}

/** What an index says of an attestation, in BuildKit's words. */
export function attesting(attestation: Descriptor, image: Descriptor): Descriptor {
  return {
    ...attestation,
    platform: { os: "unknown", architecture: "unknown" },
    annotations: { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image.digest },
  };
}

/** All that a registry has of a name: the texts of manifests and indexes by digest, what refers to them too, and the blobs' digests. */
export async function everythingOf(name: string): Promise<Record<string, string>> {
  const { domain, path, tag, digest } = parseReference(name);
  const client = new RegistryClient({ domain, path });
  const found: Record<string, string> = {};
  const visit = async (each: string): Promise<void> => {
    if (found[each] !== undefined) return;
    const { text, digest: actual } = await published(`${domain}/${path}${each.includes(":") ? "@" : ":"}${each}`);
    if (found[actual] !== undefined) return;
    found[actual] = text;
    const { manifests = [], config, layers = [] } = JSON.parse(text) as Partial<Manifest & Index>;
    for (const child of manifests) await visit(child.digest);
    for (const blob of config ? [config, ...layers] : []) found[blob.digest] = (await hasBlob(client, blob.digest)) ? "there" : "missing";
    for (const referrer of await listReferrers(client, actual)) await visit(referrer.digest);
  };
  await visit(digest ?? tag ?? "latest");
  return found;
}

/** An index of manifests that the repository has. @returns its digest */
export async function publishIndex(name: string, manifests: readonly Descriptor[]): Promise<string> {
  const client = new RegistryClient(parseReference(name), { actions: "pull,push" });
  const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, null, 5);
  return (await putManifest(client, client.reference.tag ?? sha256(text), mediaTypes.ociIndex, text)).digest;
}

/** The bytes and the media type that a registry has under a name. */
export async function published(name: string): Promise<{ digest: string; mediaType: string; text: string }> {
  const client = new RegistryClient(parseReference(name));
  const accept = Object.values(mediaTypes).join(", ");
  const { tag, digest } = client.reference;
  const response = await client.call(`manifests/${digest ?? tag}`, { headers: { accept } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${name}: ${response.status} ${text}`);
  return { digest: sha256(text), mediaType: response.headers["content-type"] ?? "", text };
}
