/**
 * An image that was made here gets its manifest at once (`build --output type=image,compression=…`), as docker's containerd store gives
 * it to every image: its digest is known before a registry has it, and a push and a save send just that. Layers are compressed
 * for it as a push compresses them, and kept.
 */
import type { ProgressEvent } from "../events.ts";
import { mediaTypes, type Reference, sha256 } from "../image/documents/index.ts";
import { type LayerRow, layersOf } from "../image/layers/index.ts";
import { Meter } from "../image/progress.ts";
import { addManifest, BlobHolds, changeTop, imageById, keepImage, setReference } from "../image/store/index.ts";
import type { Descriptor } from "../image/types.ts";
import type { Ground } from "../state/ground.ts";
import { compressLayer, knownBlobs, nowhere, presentWay, rememberBlob } from "./layer-blob.ts";
import { manifestOf } from "./push.ts";

/** "uncompressed": the layers' tars as they are. */
export type Compression = "gzip" | "uncompressed";

export interface Giving {
  compression: Compression;
  /** In OCI's media types whatever the layers are, as an index of OCI's has its manifests. */
  oci?: true;
  report: (event: ProgressEvent) => void;
  signal?: AbortSignal;
}

/** @param references names of the image that stand for the manifest from then on */
export async function giveManifest(ground: Ground, id: string, references: readonly Reference[], giving: Giving): Promise<Descriptor> {
  const image = imageById(ground, id)!;
  using holds = new BlobHolds(ground);
  const layers: Descriptor[] = [];
  for (const layer of (layersOf(ground, image.chain_id) ?? []).reverse()) layers.push(await formOf(ground, layer, holds, giving));
  const { mediaType, text } = manifestOf(image, layers, undefined, giving.oci);
  const document = { digest: sha256(text), mediaType, text };
  holds.keep(document);
  ground.db.transaction(() => {
    addManifest(ground, id, document.digest);
    for (const reference of references) {
      setReference(ground, { domain: reference.domain, path: reference.path, digest: document.digest }, id);
      changeTop(ground, reference, id, document.digest);
    }
  });
  keepImage(ground, id);
  return { mediaType, digest: document.digest, size: Buffer.byteLength(text) };
}

/** One that was compressed before, here or elsewhere, is named as it was. */
async function formOf(ground: Ground, layer: LayerRow, holds: BlobHolds, { compression, report, signal }: Giving): Promise<Descriptor> {
  if (compression === "uncompressed") return { mediaType: mediaTypes.ociLayer, digest: layer.diff_id, size: layer.tar_size };
  const [known] = knownBlobs(ground, layer.diff_id);
  if (known) return { mediaType: known.mediaType, digest: known.digest, size: known.size };
  const meter = new Meter(report, layer.diff_id.slice(7, 19), layer.tar_size);
  const bytes = compressLayer(ground, layer, presentWay, { meter, status: "Compressing", signal });
  const blob = await holds.keepNew(mediaTypes.dockerLayerGzip, bytes);
  rememberBlob(ground, layer.diff_id, blob, nowhere, presentWay);
  return blob;
}
