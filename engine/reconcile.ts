/**
 * What makes `kill -9` harmless: the first command that comes along finds what dead owners left half made (leases) and
 * what changed while nobody looked (containers whose process ended), and puts the records and the machine in order.
 */
import { reconcileContainers } from "./container/reconcile.ts";
import { cleanStep } from "./build/reconcile.ts";
import { cleanContainer } from "./container/reconcile.ts";
import type { House } from "./house.ts";
import { cleanLayer, cleanTemporary } from "./image/reconcile.ts";
import { deadLeases, dropLease, type LeaseKind } from "./state/leases.ts";

const cleaners: Record<LeaseKind, (house: House, subject: string) => Promise<void>> = {
  container: cleanContainer,
  step: cleanStep,
  layer: cleanLayer,
  temporary: cleanTemporary,
};

/** Cheap when there is nothing to do: one query, and one look at /proc for each running container. */
export async function reconcile(house: House): Promise<void> {
  for (const lease of deadLeases(house)) {
    await cleaners[lease.kind](house, lease.subject);
    dropLease(house, lease.id);
  }
  await reconcileContainers(house);
}
