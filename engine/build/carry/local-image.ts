/**
 * An image of this store as a cache (`docker build --cache-from NAME` of the classic builder, which knows no other): the steps that its
 * own config tells of. Its layers are in the store, so that nothing is carried; no registry is asked.
 */
import { full, type Reference } from "../../image/documents/index.ts";
import { findImage, parseConfig } from "../../image/store/index.ts";
import type { ImageConfig } from "../../image/types.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import { inlineSteps } from "./cache-config.ts";
import type { CarriedStep } from "./carried.ts";

/** Undefined when the image is not here; none for one that does not tell of its steps. @throws EngineError `untrusted` */
export async function readLocalImage(
  ground: Ground,
  reference: Reference,
  { noVerify }: BuildOptions,
  signal: AbortSignal,
): Promise<CarriedStep[] | undefined> {
  const name = full(reference);
  const found = findImage(ground, name);
  if (!found) return undefined;
  await ground.lent.trust.admit({ name, image: found.image.id, isUnverified: noVerify, access: { signal } });
  return stepsOf(parseConfig(found.image));
}

function stepsOf(config: ImageConfig): CarriedStep[] {
  const layers = config.rootfs.diff_ids.map((digest) => ({ mediaType: "", digest, size: 0 }));
  const steps = inlineSteps(config, layers) ?? [];
  return steps.map(({ key, diffId, created }) => ({ key, diffId, created, open: () => undefined }));
}
