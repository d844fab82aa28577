/** What a build made, and what is told of it. */
import type { Material } from "../../attest/index.ts";
import type { BuildSource } from "../context/index.ts";
import type { BuildPlan, StageState } from "../plan/index.ts";

/** The image of one platform before it is one. */
export interface Made {
  state: StageState;
  plan: BuildPlan;
  materials: readonly Material[];
  reachesNetwork: boolean;
}

/** Of the build as a whole. */
export interface Telling {
  started: Date;
  /** SOURCE_DATE_EPOCH, seconds. */
  epoch: number | undefined;
  source: BuildSource;
  signal: AbortSignal;
}

/** What docker's --metadata-file holds. */
export function metadataOf(id: string, tags: string[], manifest = id): Record<string, unknown> {
  return {
    "containerimage.config.digest": id,
    "containerimage.digest": manifest,
    ...(tags.length > 0 ? { "image.name": tags.join(",") } : {}),
  };
}
