/** `history`: the steps that made an image, newest first, with the bytes that each added. */
import type { Ground } from "../../state/ground.ts";
import { chainsOf } from "../documents/index.ts";
import { findLayer } from "../layers/index.ts";
import { familiarNames, parseConfig, referencesOf, requireImage } from "../store/index.ts";
import type { HistoryEntry, ImageHistoryRow } from "../types.ts";

/** @throws EngineError `not-found`, `ambiguous` */
export function imageHistory(ground: Ground, ref: string): ImageHistoryRow[] {
  const { image } = requireImage(ground, ref);
  const config = parseConfig(image);
  const sizes = chainsOf(config.rootfs.diff_ids).map((chainId) => findLayer(ground, chainId)?.size ?? 0);
  const { tags } = familiarNames(referencesOf(ground, image.id));
  // An image may come without history, or with less than it has layers.
  const entries: HistoryEntry[] = config.history?.length ? config.history : sizes.map(() => ({ created: config.created }));
  let layer = 0;
  const rows = entries.map((entry, index): ImageHistoryRow => {
    const isTop = index === entries.length - 1;
    return {
      Id: isTop ? image.id : "<missing>",
      Created: Math.floor((Date.parse(entry.created ?? "") || 0) / 1000),
      CreatedBy: entry.created_by ?? "",
      Tags: isTop && tags.length > 0 ? tags : null,
      Size: entry.empty_layer ? 0 : (sizes[layer++] ?? 0),
      Comment: entry.comment ?? "",
    };
  });
  return rows.reverse();
}
