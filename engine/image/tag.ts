/** `tag`: another name for an image. */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { familiar, parseReference, withTag } from "./reference.ts";
import { emitImage, keepImage, requireImage, setReference } from "./store.ts";

/**
 * The target's name is taken from the image that has it.
 * @throws EngineError `not-found`, `ambiguous`, `invalid`
 */
export function tagImage(house: House, source: string, target: string): void {
  const reference = withTag(parseReference(target));
  if (reference.digest) throw new EngineError("invalid", `cannot tag as "${target}": a digest is not a tag`);
  const id = house.db.transaction(() => {
    const { image } = requireImage(house, source);
    setReference(house, reference, image.id);
    return image.id;
  });
  keepImage(house, id);
  emitImage(house, "tag", id, familiar(reference));
}
