/**
 * What makes `kill -9` harmless: the next command finds what processes that died left half made (leases) and
 * which containers ended while no berth ran, records that, and removes from the host what is left over.
 */
import { reconcileContainers } from "./container/life/index.ts";
import type { Ground } from "./state/ground.ts";
import { deadLeases, dropLease, type LeaseKind } from "./state/leases.ts";

/** Loaded when there is something to clean: rarely. */
const cleaners: Record<LeaseKind, (ground: Ground, subject: string) => Promise<void>> = {
  container: async (ground, id) => (await import("./container/life/clean.ts")).cleanContainer(ground, id),
  endpoint: async (ground, subject) => (await import("./container/network/connect.ts")).cleanEndpoint(ground, subject),
  step: async (ground, id) => (await import("./build/workspace/reconcile.ts")).cleanStep(ground, id),
  layer: async (ground, subject) => (await import("./image/layers/reconcile.ts")).cleanLayer(ground, subject),
  blob: async (ground, subject) => (await import("./image/store/blobs.ts")).cleanBlob(ground, subject),
  temporary: async (ground, subject) => (await import("./image/layers/reconcile.ts")).cleanTemporary(ground, subject),
};

/** Cheap when there is nothing to do: two queries, and one look at /proc for each running container. */
export async function reconcile(ground: Ground): Promise<void> {
  using _ = ground.db.recordLater();
  for (const lease of deadLeases(ground)) {
    if (ground.db.isStandIn && lease.kind !== "container") continue; // cleaners that remove files need the real database
    await cleaners[lease.kind](ground, lease.subject);
    dropLease(ground, lease.id);
  }
  await reconcileContainers(ground);
}
