/** `image layers`: what each layer weighs, which files make it so, and which of them a later layer hides. */
import type { Ground } from "../../state/ground.ts";
import { layersOf, lowerdirs } from "../layers/index.ts";
import { parseConfig, requireImage } from "../store/index.ts";
import type { ImageLayers, LayerFile } from "../types.ts";
import { type FileUse, weighLayersInTurns } from "./layer-use.ts";

/** Reads every file of the image. @throws EngineError `not-found`, `ambiguous` */
export async function imageLayers(ground: Ground, ref: string): Promise<ImageLayers> {
  const { image } = requireImage(ground, ref);
  const { history = [], rootfs } = parseConfig(image);
  const use = await weighLayersInTurns((lowerdirs(ground, image.chain_id) ?? []).toReversed());
  const makers = history.filter((entry) => !entry.empty_layer);
  const rows = (layersOf(ground, image.chain_id) ?? []).toReversed();
  const wasted = (files: readonly FileUse[]) => files.reduce((sum, { size }) => sum + size, 0);
  const total = wasted(use.wasted);
  return {
    Id: image.id,
    Size: image.size,
    Wasted: total,
    Efficiency: use.total === 0 ? 1 : (use.total - total) / use.total,
    Repeated: {
      Score: use.score,
      Wasted: use.repeated.reduce((sum, { size }) => sum + size, 0),
      Files: use.repeated.map(({ path, count, size }) => ({ Path: `/${path}`, Layers: count, Size: size })),
    },
    Layers: rows.map(({ diff_id, size }, layer) => ({
      Layer: layer + 1,
      DiffId: diff_id,
      // An image may come with less history than it has layers.
      CreatedBy: makers.length === rootfs.diff_ids.length ? (makers[layer]?.created_by ?? "") : "",
      Size: size,
      Wasted: wasted(use.wasted.filter((file) => file.layer === layer)),
    })),
    Files: [...use.files, ...use.wasted]
      .sort((a, b) => b.size - a.size)
      .map(
        ({ by, layer, path, size }): LayerFile => ({
          Path: `/${path}`,
          Size: size,
          Layer: layer + 1,
          ...(by !== undefined && { HiddenBy: by + 1 }),
        }),
      ),
  };
}
