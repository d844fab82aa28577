/** Putting a layer that was made on nothing on other layers: what `COPY --link` gains when only its base has changed. */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { chainOf } from "../image/chain.ts";
import { holdChain } from "../image/holds.ts";
import { storeLayer } from "../image/layer-store.ts";
import { findLayer } from "../image/layers.ts";
import { layerTar } from "../image/save.ts";
import type { NewLayer } from "./workspace.ts";

/** The same content on the chain `parent`, unpacked there unless it is there already. */
export async function restack(house: House, { chainId, diffId, size }: NewLayer, parent: string, signal: AbortSignal): Promise<NewLayer> {
  const target = chainOf(parent, diffId);
  holdChain(house, target);
  if (findLayer(house, target)) return { chainId: target, diffId, size };
  const layer = findLayer(house, chainId);
  if (!layer) throw new EngineError("conflict", `cannot link layer "${chainId}": it is gone from the store`);
  return storeLayer(house, parent, layerTar(house, layer, signal), { signal, diffId });
}
