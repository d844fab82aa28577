/** `image inspect`: everything about one image, in docker's shape. */

import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { layersOf } from "../layers/index.ts";
import { familiarNames, parseConfig, referencesOf, requireImage, topOf } from "../store/index.ts";
import type { ImageInspect } from "../types.ts";

/** What docker shows of a config that says nothing. */
const emptyConfig: object = {
  Cmd: null,
  Entrypoint: null,
  Env: null,
  Labels: null,
  OnBuild: null,
  User: "",
  Volumes: null,
  WorkingDir: "",
};

/** @throws EngineError `not-found`, `ambiguous` */
export function inspectImage(ground: Ground, ref: string): ImageInspect {
  const found = requireImage(ground, ref);
  const { image } = found;
  const config = parseConfig(image) as ReturnType<typeof parseConfig> & { comment?: string };
  const { tags, digests } = familiarNames(referencesOf(ground, image.id));
  const tagged = ground.db.get<{ last: number | null }>("SELECT max(updated) AS last FROM tags WHERE image = ?", image.id)?.last;
  const directories = (layersOf(ground, image.chain_id) ?? []).map(({ dir }) => join(ground.paths.layers, dir, "diff"));
  const [upper, ...lower] = directories;
  return {
    Id: image.id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: image.parent,
    Comment: config.comment ?? config.history?.at(-1)?.comment ?? "",
    Created: config.created ?? "",
    Author: config.author ?? "",
    DockerVersion: "",
    Config: { ...emptyConfig, ...config.config },
    Architecture: config.architecture,
    ...(config.variant && { Variant: config.variant }),
    Os: config.os,
    Size: image.size,
    GraphDriver: { Name: "overlay2", Data: { ...(lower.length > 0 && { LowerDir: lower.join(":") }), ...(upper && { UpperDir: upper }) } },
    RootFS: { Type: "layers", Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: tagged ? new Date(tagged).toISOString() : "0001-01-01T00:00:00Z" },
    ...descriptorOf(ground, topOf(ground, found)),
  };
}

/** Of the index or manifest, as docker with its containerd image store shows it. */
function descriptorOf(ground: Ground, digest: string): Pick<ImageInspect, "Descriptor"> {
  const row = ground.db.get<{ media_type: string; size: number }>("SELECT media_type, size FROM blobs WHERE digest = ?", digest);
  return row ? { Descriptor: { mediaType: row.media_type, digest, size: row.size } } : {};
}
