/** What a dead build left half made: a step's container, its network, its mounts and its directory under ROOT/build. */
import type { House } from "../house.ts";
import { deadLeases, dropLease } from "../state/leases.ts";

/**
 * Undoes a step whose owner died: idempotent, and safe at whatever point the owner was killed.
 * @param id the step's id, which every name the step made is derived from
 */
export async function cleanStep(house: House, id: string): Promise<void> {
  const { killLeftovers } = await import("../runtime/leftovers.ts");
  await killLeftovers(house, id);
  const { removeWorkspace } = await import("./workspace.ts");
  await removeWorkspace(house, id);
}

/** Undoes the steps of builds that died: what a build does before its own, without a look at containers. */
export async function cleanDeadSteps(house: House): Promise<void> {
  for (const { id, kind, subject } of deadLeases(house)) {
    if (kind !== "step") continue;
    await cleanStep(house, subject);
    dropLease(house, id);
  }
}
