/** `tag`: another name for an image. */
import type { Ground } from "../../state/ground.ts";
import { familiar, parseTag } from "../documents/index.ts";
import { emitImage, keepImage, requireImage, setReference, topOf } from "../store/index.ts";

/**
 * The target's name is taken from the image that has it.
 * @throws EngineError `not-found`, `ambiguous`, `invalid`
 */
export function tagImage(ground: Ground, source: string, target: string): void {
  const reference = parseTag(target);
  const id = ground.db.transaction(() => {
    const found = requireImage(ground, source);
    setReference(ground, reference, found.image.id, topOf(ground, found));
    return found.image.id;
  });
  keepImage(ground, id);
  emitImage(ground, "tag", id, familiar(reference));
}
