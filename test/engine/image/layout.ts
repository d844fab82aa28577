/** OCI image layouts as other tools write them: an index of several platforms, layers compressed otherwise than berth does. */
import { gzipSync } from "node:zlib";
import { mediaTypes } from "../../../engine/image/documents/media-types.ts";
import type { Descriptor } from "../../../engine/image/types.ts";
import { type Entry, sha256, tarOf } from "./scene.ts";
import { layerOf } from "./shelf.ts";

export interface Layout {
  archive: Buffer;
  /** Digest of the index. */
  digest: string;
  images: Record<string, { id: string; descriptor: Descriptor; layer: Buffer }>;
}

/** The platform's words make the only layer of each image. @param name what the index is called */
export function layoutOf(name: string, architectures: readonly string[]): Layout {
  const files = new Map<string, Entry>();
  const add = (mediaType: string, content: string | Buffer): Descriptor => {
    const digest = sha256(content);
    files.set(digest, { name: `blobs/sha256/${digest.slice("sha256:".length)}`, content });
    return { mediaType, digest, size: Buffer.byteLength(content) };
  };
  const images: Layout["images"] = {};
  for (const architecture of architectures) {
    const tar = layerOf(architecture);
    const layer = gzipSync(tar, { level: 1 });
    const rootfs = { type: "layers", diff_ids: [sha256(tar)] };
    const config = add(mediaTypes.ociConfig, JSON.stringify({ architecture, os: "linux", created: "2026-01-01T00:00:00Z", rootfs }));
    const layers = [add(mediaTypes.ociLayerGzip, layer)];
    const manifest = add(mediaTypes.ociManifest, JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers }));
    images[architecture] = { id: config.digest, descriptor: { ...manifest, platform: { os: "linux", architecture } }, layer };
  }
  const manifests = Object.values(images).map(({ descriptor }) => descriptor);
  const index = add(mediaTypes.ociIndex, JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }));
  const top = { ...index, annotations: { "io.containerd.image.name": `docker.io/library/${name}` } };
  const archive = tarOf(
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests: [top] }) },
    ...files.values(),
  );
  return { archive, digest: index.digest, images };
}
