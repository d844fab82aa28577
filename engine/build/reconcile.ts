/** What a dead build left half made: a step's container, its network, its mounts and its directory under ROOT/build. */
import type { House } from "../house.ts";

/**
 * Undoes a step whose owner died: idempotent, and safe at whatever point the owner was killed.
 * @param id the step's id, which every name the step made is derived from
 */
export async function cleanStep(house: House, id: string): Promise<void> {
  const { removeWorkspace } = await import("./workspace.ts");
  await removeWorkspace(house, id);
}
