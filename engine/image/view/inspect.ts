/** `image inspect`: everything about one image, in docker's shape. */

import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { formatPlatform, parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { satisfies } from "../documents/index.ts";
import { layersOf } from "../layers/index.ts";
import {
  chooseVariant,
  descriptorOf,
  type Found,
  familiarNames,
  type ImageRow,
  parseConfig,
  readDocument,
  referencesOf,
  requireImage,
  topOf,
  variantsOf,
} from "../store/index.ts";
import type { ImageInspect } from "../types.ts";
import { manifestSummaries } from "./manifest-summary.ts";

export interface InspectOptions {
  platform?: string;
  manifests?: boolean;
}

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

/**
 * @param options.platform of a multi-platform image that one; `manifests`: with what the name stands for
 * @throws EngineError `not-found` also when the image is not here for the platform, `ambiguous`
 */
export function inspectImage(ground: Ground, ref: string, { platform, manifests = false }: InspectOptions = {}): ImageInspect {
  const found = requireImage(ground, ref);
  const top = topOf(ground, found);
  const image = platform ? imageFor(ground, found, top, ref, platform) : found.image;
  const config = parseConfig(image) as ReturnType<typeof parseConfig> & { comment?: string };
  const { tags, digests } = familiarNames(referencesOf(ground, found.image.id));
  const tagged = ground.db.get<{ last: number | null }>("SELECT max(updated) AS last FROM tags WHERE image = ?", found.image.id)?.last;
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
    ...descriptorOf(ground, top),
    ...(manifests && { Manifests: manifestSummaries(ground, top) }),
  };
}

/** Docker's words when there is none. One that is not unpacked has no layers on disk, and weighs what it came as. */
function imageFor(ground: Ground, found: Found, top: string, ref: string, platform: string): ImageRow {
  const [wanted, own] = [parsePlatform(platform), parseConfig(found.image)];
  const variants = variantsOf(ground, top);
  if (variants.length === 0 && satisfies(own, wanted)) return found.image;
  const { manifest, image, isWhole } = chooseVariant(variants, wanted) ?? {};
  if (image) return image;
  const document = manifest && isWhole ? readDocument(ground, manifest.config.digest) : undefined;
  if (!document)
    throw new EngineError(
      "not-found",
      `image with reference ${ref} was found but does not provide the specified platform (${formatPlatform(wanted)})`,
      {
        hint: "see what is here with 'berth images --tree'",
      },
    );
  const size = manifest!.layers.reduce((sum, layer) => sum + layer.size, 0);
  return { id: document.digest, config: document.text, chain_id: "", parent: "", annotations: "{}", size, created: 0 };
}
