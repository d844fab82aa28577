/** Which images were made from another one: committed from its containers, or built on it. */
import type { Ground } from "../../state/ground.ts";
import { configOf, type ImageRow } from "../store/index.ts";

/** An image and all that descend from it, by id. */
export function withDescendants(ground: Ground, id: string): Set<string> {
  const family = new Set([id, ...builtOn(ground, id)]);
  const rows = ground.db.all<{ id: string; parent: string }>("SELECT id, parent FROM images WHERE parent <> ''");
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const row of rows) if (family.has(row.parent)) family.add(row.id);
  }
  return family;
}

/** Those on its layers whose history begins with its own: instructions such as ENV add no layer, and leave a trace there only. */
function builtOn(ground: Ground, id: string): string[] {
  const rows = ground.db.all<ImageRow>(
    `WITH RECURSIVE own (chain) AS (SELECT chain_id FROM images WHERE id = ?1),
       above (chain) AS (SELECT chain FROM own UNION SELECT chain_id FROM layers JOIN above ON parent = chain WHERE parent <> '')
     SELECT images.* FROM images JOIN above ON chain_id = chain`,
    id,
  );
  if (rows.length < 2) return [];
  const histories = new Map(rows.map((row) => [row.id, (configOf(row)?.history ?? []).map((entry) => JSON.stringify(entry))]));
  const own = histories.get(id) ?? [];
  const isLater = (history: string[]) => history.length > own.length && own.every((entry, at) => entry === history[at]);
  return [...histories].filter(([, history]) => isLater(history)).map(([each]) => each);
}
