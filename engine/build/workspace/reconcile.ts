/** What a dead build left half made: a step's container, its network, its mounts and its directory under ROOT/build. */
import type { Ground } from "../../state/ground.ts";
import { deadLeases, dropLease } from "../../state/leases.ts";

/**
 * Undoes a step whose owner died: idempotent, and safe at whatever point the owner was killed.
 * @param id the step's id, which every name the step made is derived from
 */
export async function cleanStep(ground: Ground, id: string): Promise<void> {
  const { killLeftovers } = await import("../../runtime/leftovers.ts");
  await killLeftovers(ground, id);
  const { removeWorkspace } = await import("./workspace.ts");
  await removeWorkspace(ground, id);
}

/** Undoes the steps of builds that died: what a build does before its own, without a look at containers. */
export async function cleanDeadSteps(ground: Ground): Promise<void> {
  for (const { id, kind, subject } of deadLeases(ground)) {
    if (kind !== "step") continue;
    await cleanStep(ground, subject);
    dropLease(ground, id);
  }
}
