/** From a reference to what a container or a build step needs. On the way of every `run`: three queries. */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { lowerdirs } from "./layers.ts";
import { familiar } from "./reference.ts";
import { findImage, parseConfig } from "./store.ts";
import type { ResolvedImage } from "./types.ts";

export function resolveImage(house: House, ref: string): ResolvedImage | undefined {
  const found = findImage(house, ref);
  if (!found) return undefined;
  const { image, reference } = found;
  const lower = lowerdirs(house, image.chain_id);
  if (!lower) throw new EngineError("corrupt", `image "${ref}" is damaged: a layer is missing from the store`);
  return {
    id: image.id,
    reference: reference ? familiar(reference) : ref,
    config: parseConfig(image),
    chainId: image.chain_id,
    lowerdirs: lower,
  };
}
