/** From a reference and a platform to an image: of a multi-platform one that which is wanted, unpacked when it is first needed. */
import { parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { familiar, satisfies } from "../documents/index.ts";
import type { Watch } from "./keep-layer.ts";
import { type ResolvedImage, resolveImage } from "./resolve.ts";
import { findImage, parseConfig, topOf } from "./store.ts";
import { unpackVariant } from "./unpack-variant.ts";
import { chooseVariant, variantsOf } from "./variants.ts";

/**
 * @returns undefined when there is none for the platform here
 * @throws EngineError `invalid` for a malformed platform, `corrupt`, `no-space`, `cancelled`
 */
export async function resolvePlatform(
  ground: Ground,
  ref: string,
  platform: string,
  watch: Watch = { report: () => {} },
): Promise<ResolvedImage | undefined> {
  const wanted = parsePlatform(platform);
  const found = findImage(ground, ref);
  if (!found) return undefined;
  if (satisfies(parseConfig(found.image), wanted)) return resolveImage(ground, ref);
  const chosen = chooseVariant(variantsOf(ground, topOf(ground, found)), wanted);
  if (!chosen?.isWhole) return undefined;
  if (!chosen.image) ground.options.handOver?.(); // threads unpack
  const resolved = resolveImage(ground, chosen.image?.id ?? (await unpackVariant(ground, chosen, watch)));
  return resolved && { ...resolved, reference: found.reference ? familiar(found.reference) : ref };
}
