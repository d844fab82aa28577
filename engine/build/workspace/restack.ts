/** Putting a layer that was made without any below it on other layers: what `COPY --link` gains when only its base has changed. */
import { EngineError } from "../../errors.ts";
import { layerTar } from "../../image/archive/index.ts";
import { chainOf } from "../../image/documents/index.ts";
import { findLayer, holdChain, storeLayer } from "../../image/layers/index.ts";
import type { Ground } from "../../state/ground.ts";
import type { NewLayer } from "./workspace.ts";

/** The same content on the chain `parent`, unpacked there unless it is there already. */
export async function restack(ground: Ground, { chainId, diffId, size }: NewLayer, parent: string, signal: AbortSignal): Promise<NewLayer> {
  const target = chainOf(parent, diffId);
  holdChain(ground, target);
  if (findLayer(ground, target)) return { chainId: target, diffId, size };
  const layer = findLayer(ground, chainId);
  if (!layer) throw new EngineError("conflict", `cannot link layer "${chainId}": it is gone from the store`);
  return storeLayer(ground, parent, layerTar(ground, layer, { signal }), { signal, diffId });
}
