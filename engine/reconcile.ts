/**
 * What makes `kill -9` harmless: the first command that comes along finds what dead owners left half made (leases) and
 * what changed while nobody looked (containers whose process ended), and puts the records and the machine in order.
 */
import { reconcileContainers } from "./container/reconcile.ts";
import type { House } from "./house.ts";
import { deadLeases, dropLease, type LeaseKind } from "./state/leases.ts";

/** Loaded when there is something to clean: rarely. */
const cleaners: Record<LeaseKind, (house: House, subject: string) => Promise<void>> = {
  container: async (house, id) => (await import("./container/reconcile.ts")).cleanContainer(house, id),
  endpoint: async (house, subject) => (await import("./container/connect.ts")).cleanEndpoint(house, subject),
  step: async (house, id) => (await import("./build/reconcile.ts")).cleanStep(house, id),
  layer: async (house, subject) => (await import("./image/reconcile.ts")).cleanLayer(house, subject),
  temporary: async (house, subject) => (await import("./image/reconcile.ts")).cleanTemporary(house, subject),
};

/** Cheap when there is nothing to do: two queries, and one look at /proc for each running container. */
export async function reconcile(house: House): Promise<void> {
  using _ = house.db.recordLater();
  for (const lease of deadLeases(house)) {
    if (house.db.isStandIn && lease.kind !== "container") continue; // what takes files away needs its records
    await cleaners[lease.kind](house, lease.subject);
    dropLease(house, lease.id);
  }
  await reconcileContainers(house);
}
