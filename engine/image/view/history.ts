/** `history`: the steps that made an image, newest first, with the bytes that each added. */
import type { Ground } from "../../state/ground.ts";
import { chainsOf } from "../documents/index.ts";
import { findLayer } from "../layers/index.ts";
import { familiarNames, type ImageRow, imageById, parseConfig, referencesOf, requireImage } from "../store/index.ts";
import type { HistoryEntry, ImageHistoryRow } from "../types.ts";

/** @throws EngineError `not-found`, `ambiguous` */
export function imageHistory(ground: Ground, ref: string): ImageHistoryRow[] {
  const { image } = requireImage(ground, ref);
  const config = parseConfig(image);
  const sizes = chainsOf(config.rootfs.diff_ids).map((chainId) => findLayer(ground, chainId)?.size ?? 0);
  // An image may come without history, or with less than it has layers.
  const entries: HistoryEntry[] = config.history?.length ? config.history : sizes.map(() => ({ created: config.created }));
  let layer = 0;
  const line = ancestry(ground, image);
  const rows = entries.map((entry, index): ImageHistoryRow => {
    const id = line[entries.length - 1 - index];
    const tags = id === undefined ? [] : familiarNames(referencesOf(ground, id)).tags;
    return {
      Id: id ?? "<missing>",
      Created: Math.floor((Date.parse(entry.created ?? "") || 0) / 1000),
      CreatedBy: entry.created_by ?? "",
      Tags: tags.length > 0 ? tags : null,
      Size: entry.empty_layer ? 0 : (sizes[layer++] ?? 0),
      Comment: entry.comment ?? "",
    };
  });
  return rows.reverse();
}

/** Its id and those of the images that it was made from, as far as they are known: docker counts a row for each. */
function ancestry(ground: Ground, image: ImageRow): string[] {
  const ids: string[] = [];
  for (
    let each: ImageRow | undefined = image;
    each && !ids.includes(each.id);
    each = each.parent ? imageById(ground, each.parent) : undefined
  )
    ids.push(each.id);
  return ids;
}
