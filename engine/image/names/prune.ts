/** `image prune`: removes what has no name, or with `all` what no container uses. */

import type { Filters } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { parseMoment } from "../../instant.ts";
import { emitPrune } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { hasLabel } from "../../state/matching.ts";
import { collectBlobs, oweBlobs } from "../store/index.ts";
import type { ImageDeleteRow, ImageSummary } from "../types.ts";
import { booleanFilter, checkFilters, listImages, matchesLabels } from "../view/index.ts";
import { removeAndMeasure } from "./remove.ts";

/** @throws EngineError `invalid` for an unknown filter */
export async function pruneImages(
  ground: Ground,
  options: { all?: boolean; filters?: Filters } = {},
): Promise<{ ImagesDeleted: ImageDeleteRow[]; SpaceReclaimed: number }> {
  const { filters = {} } = options;
  checkFilters(filters, ["dangling", "label", "label!", "until"]);
  const all = options.all ?? booleanFilter(filters, "dangling") === false;
  const before = Math.min(...(filters["until"] ?? []).map((text) => parseMoment(text)));
  const isWanted = (image: ImageSummary) =>
    image.Containers === 0 &&
    (all || image.Dangling) &&
    image.Created * 1000 < before &&
    matchesLabels(image.Labels, filters["label"]) &&
    !(filters["label!"] ?? []).some((label) => hasLabel(image.Labels, label));
  const deleted: ImageDeleteRow[] = [];
  let space = 0;
  for (const image of listImages(ground).filter(isWanted)) {
    try {
      const { rows, bytes } = await removeAndMeasure(ground, image.Id, { force: true });
      deleted.push(...rows);
      space += bytes;
    } catch (error) {
      // Another process took it, or began to use it, since the list was made.
      if (!(error instanceof EngineError) || !["in-use", "not-found"].includes(error.code)) throw error;
    }
  }
  space += collectBlobs(ground, [oweBlobs(ground)]); // of names that moved
  if (deleted.length > 0) emitPrune(ground, "image", space);
  return { ImagesDeleted: deleted, SpaceReclaimed: space };
}
