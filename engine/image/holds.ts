/**
 * Holds: layers that this process needs though no image refers to them yet (being pulled, built, or found in the store
 * for an image to come). A hold is a lease, so other processes see it, and one whose owner died is given up by the next
 * command: what nobody refers to by then is removed.
 */
import type { House } from "../house.ts";
import { type Lease, takeLease } from "../state/leases.ts";

const held = new WeakMap<House, Map<string, Lease>>();
const prefix = "chain:";

/** Lease subject of a chain id. */
export function holdSubject(chainId: string): string {
  return prefix + chainId;
}

/** The chain id of a hold's subject; undefined for other subjects. */
export function heldChain(subject: string): string | undefined {
  return subject.startsWith(prefix) ? subject.slice(prefix.length) : undefined;
}

/** Keeps a layer, and so everything below it, from being collected while this process lives or until `releaseHolds`. */
export function holdChain(house: House, chainId: string): void {
  let mine = held.get(house);
  if (!mine) held.set(house, (mine = new Map()));
  if (!mine.has(chainId)) mine.set(chainId, takeLease(house, "layer", holdSubject(chainId)));
}

/** The layers have an image, or are needed no more. */
export function releaseHolds(house: House, chainIds: readonly string[]): void {
  const mine = held.get(house);
  for (const chainId of chainIds) {
    mine?.get(chainId)?.release();
    mine?.delete(chainId);
  }
}
