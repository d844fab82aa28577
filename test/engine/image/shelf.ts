/** Images of tiny layers for tests of the store's verbs, and the records of containers that use them. */

import type { House } from "../../../engine/house.ts";
import { chainOf } from "../../../engine/image/documents/chain.ts";
import { encodeConfig } from "../../../engine/image/documents/config.ts";
import { mediaTypes } from "../../../engine/image/documents/media-types.ts";
import { parseReference, withTag } from "../../../engine/image/documents/reference.ts";
import { findLayer } from "../../../engine/image/layers/layers.ts";
import type { StoredDocument } from "../../../engine/image/store/blobs.ts";
import { insertImage } from "../../../engine/image/store/store.ts";
import type { ImageConfig } from "../../../engine/image/types.ts";
import { addLayer, sha256, tarOf } from "./scene.ts";

export interface ShelfImage {
  references?: string[];
  /** One layer each, lowest first; equal words give equal layers. */
  layers?: string[];
  parent?: string;
  created?: string;
  config?: ImageConfig["config"];
  history?: ImageConfig["history"];
  author?: string;
}

/** The archive of a layer that is named after a word. */
export function layerOf(word: string): Buffer {
  return tarOf({ name: "files/", type: "directory", mode: 0o755 }, { name: `files/${word}`, content: word.repeat(100) });
}

/** Puts an image into the store; returns its id. */
export async function shelve(house: House, image: ShelfImage): Promise<string> {
  const diffIds: string[] = [];
  let chain = "";
  for (const word of image.layers ?? ["base"]) {
    const archive = layerOf(word);
    const diffId = sha256(archive);
    const next = chainOf(chain, diffId);
    if (!findLayer(house, next)) await addLayer(house, archive, chain);
    diffIds.push(diffId);
    chain = next;
  }
  const { created = "2026-01-01T00:00:00Z", config = {}, history, author } = image;
  const bytes = encodeConfig({
    architecture: "amd64",
    os: "linux",
    created,
    config,
    ...(history && { history }),
    ...(author && { author }),
    rootfs: { type: "layers", diff_ids: diffIds },
  });
  const references = (image.references ?? []).map((name) => withTag(parseReference(name)));
  return insertImage(house, { config: bytes, references, parent: image.parent }).Id;
}

/** A manifest of an image; other numbers make other documents. */
export function documentOf(image: string, number = 0): StoredDocument {
  const config = { mediaType: mediaTypes.ociConfig, digest: image, size: 1 };
  const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [], annotations: { n: `${number}` } });
  return { digest: sha256(text), mediaType: mediaTypes.ociManifest, text };
}

/** The record of a container, for verbs that only look whether there is one; nothing runs. Returns its id. */
export function recordContainer(house: House, image: string, status: string): string {
  const id = (containers++).toString(16).padStart(64, "c");
  const texts = {
    name: id,
    image,
    image_ref: image,
    status,
    config: "{}",
    host_config: "{}",
    networking: "{}",
    mounts: "[]",
    path: "",
    args: "[]",
  };
  const times = { created: containers, started: "0001-01-01T00:00:00Z", finished: "0001-01-01T00:00:00Z" };
  const process = { pid: 0, pid_start: "", monitor_pid: 0, monitor_start: "", exit_code: 0, error: "", oom_killed: 0, restart_count: 0 };
  house.db.insert("containers", { id, ...texts, ...times, ...process, direct: 0, stopped_by_user: 0, health: null });
  return id;
}
let containers = 1;
