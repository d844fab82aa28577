/**
 * Holds: layers that this process needs though no image refers to them yet (being pulled, built, or found in the store
 * for an image to come). A hold is a lease, so other processes see it, and one whose owner died is given up by the next
 * command: a layer that no image refers to by then is removed. Each operation has holds of its own (`holding` in layers.ts), so
 * that two builds in one process do not give up each other's.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import type { Ground } from "../../state/ground.ts";
import { type Lease, takeLease } from "../../state/leases.ts";

/** By chain id. */
export type Holds = Map<string, Lease>;

/** Of what runs in no operation of its own: until the image is there, else until the process ends. */
const rest = new WeakMap<Ground, Holds>();
const prefix = "chain:";
let scopes: AsyncLocalStorage<Holds> | undefined;

/** Whatever `body` holds, now and in what it awaits, goes into `holds`. */
export function collectHolds<T>(holds: Holds, body: () => T): T {
  scopes ??= new (process.getBuiltinModule("node:async_hooks").AsyncLocalStorage)<Holds>();
  return scopes.run(holds, body);
}

function currentHolds(ground: Ground): Holds {
  const own = scopes?.getStore() ?? rest.get(ground);
  if (own) return own;
  const holds: Holds = new Map();
  rest.set(ground, holds);
  return holds;
}

/** Lease subject of a chain id. */
export function holdSubject(chainId: string): string {
  return prefix + chainId;
}

/** The chain id of a hold's subject; undefined for other subjects. */
export function heldChain(subject: string): string | undefined {
  return subject.startsWith(prefix) ? subject.slice(prefix.length) : undefined;
}

/** Keeps a layer, and so everything below it, from being collected until the operation is over or `releaseHolds`. */
export function holdChain(ground: Ground, chainId: string): void {
  const holds = currentHolds(ground);
  if (!holds.has(chainId)) holds.set(chainId, takeLease(ground, "layer", holdSubject(chainId)));
}

/** The layers have an image. */
export function releaseHolds(ground: Ground, chainIds: readonly string[]): void {
  const holds = currentHolds(ground);
  for (const chainId of chainIds) {
    holds.get(chainId)?.release();
    holds.delete(chainId);
  }
}
