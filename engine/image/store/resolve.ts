/** From a reference to what a container or a build step needs. On the way of every `run`: three queries. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { familiar } from "../documents/index.ts";
import { lowerdirs } from "../layers/index.ts";
import type { ImageConfig } from "../types.ts";
import { findImage, parseConfig } from "./store.ts";

/** What a container or build step needs of an image. Lower directories are topmost first, ready for `lowerdir=`. */
export interface ResolvedImage {
  id: string;
  /** The reference it was found by, familiar form ("python:3.9"). */
  reference: string;
  config: ImageConfig;
  chainId: string;
  lowerdirs: string[];
}

export function resolveImage(ground: Ground, ref: string): ResolvedImage | undefined {
  const found = findImage(ground, ref);
  if (!found) return undefined;
  const { image, reference } = found;
  const lower = lowerdirs(ground, image.chain_id);
  if (!lower) throw new EngineError("corrupt", `image "${ref}" is damaged: a layer is missing from the store`);
  return {
    id: image.id,
    reference: reference ? familiar(reference) : ref,
    config: parseConfig(image),
    chainId: image.chain_id,
    lowerdirs: lower,
  };
}

/** Also undefined for a text that is no name and for an image that is damaged: the caller that needs it reports that. */
export function tryResolveImage(ground: Ground, ref: string): ResolvedImage | undefined {
  try {
    return resolveImage(ground, ref);
  } catch {
    return undefined;
  }
}
