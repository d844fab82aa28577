/** Images that have no name of their own, as they are platforms of an index that a name stands for. */
import type { Ground } from "../../state/ground.ts";
import { parseReference, type Reference } from "../documents/index.ts";

/** The names whose index or manifest leads to an image, by image. */
export function namesLeadingTo(ground: Ground): Map<string, Reference[]> {
  const rows = ground.db.all<{ image: string; reference: string }>(`
    WITH RECURSIVE led (reference, digest) AS (
      SELECT reference, digest FROM tags WHERE digest <> ''
      UNION SELECT reference, child FROM led JOIN blob_links ON parent = led.digest
    ) SELECT DISTINCT image, reference FROM led JOIN manifests ON manifests.digest = led.digest ORDER BY reference`);
  const names = new Map<string, Reference[]>();
  for (const { image, reference } of rows) names.set(image, [...(names.get(image) ?? []), parseReference(reference)]);
  return names;
}

/** Images without a name of their own that names lead to: those go with the last of these. */
export function partsOfNames(ground: Ground): Map<string, Reference[]> {
  const named = new Set(ground.db.all<{ image: string }>("SELECT DISTINCT image FROM tags").map(({ image }) => image));
  const unnamed = ground.db.all<{ id: string }>("SELECT id FROM images").filter(({ id }) => !named.has(id));
  if (unnamed.length === 0) return new Map();
  const leading = namesLeadingTo(ground);
  return new Map(unnamed.flatMap(({ id }) => (leading.has(id) ? [[id, leading.get(id)!] as const] : [])));
}
