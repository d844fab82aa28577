/** What is left of a container's network, in the records or on the host. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";

/** True while anything is recorded under an owner, or its namespace is there. */
export function hasTraces(ground: Ground, owner: string): boolean {
  const row = ground.db.get("SELECT 1 FROM endpoints WHERE owner = ?1 UNION ALL SELECT 1 FROM ports WHERE owner = ?1 LIMIT 1", owner);
  return row !== undefined || existsSync(join(ground.paths.netns, owner));
}
