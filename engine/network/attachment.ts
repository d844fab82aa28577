/**
 * The door of the networks room for the rooms above it: gives a container or a build step its network namespace,
 * addresses, published ports and name files, and takes everything back. All that is made is first written down under
 * the owner's id, so that `detachNetwork` can undo the half made after a crash.
 */
import type { EndpointSettings } from "../docker.ts";
import type { Ground } from "../state/ground.ts";
import type { BegunAttachment, NetworkAttachment, NetworkChange, NetworkRequest } from "./types.ts";

/**
 * Makes the network of a container or a build step.
 * @throws EngineError `not-found` (network), `port-in-use`, `conflict` (address), `network`
 */
export async function attachNetwork(ground: Ground, request: NetworkRequest): Promise<NetworkAttachment> {
  return (await beginAttachment(ground, request)).connect();
}

/**
 * The same in two steps: a runtime can be given the namespace, and do its work while that is connected.
 * @throws EngineError `not-found` (network), `invalid`, `conflict`
 */
export async function beginAttachment(ground: Ground, request: NetworkRequest): Promise<BegunAttachment> {
  return (await import("./attach/begin.ts")).begin(ground, request);
}

/**
 * Undoes everything recorded for an owner. Idempotent; fine for dead owners, unknown owners and after a reboot.
 * @param onForget called in the transaction that forgets its endpoints, before it does
 */
export async function detachNetwork(ground: Ground, owner: string, onForget?: () => void): Promise<void> {
  return (await import("./attach/detach.ts")).detach(ground, owner, onForget);
}

/**
 * Connects a container to a further network: at once when it has a namespace. The caller holds the container's lock.
 * @param request as for a start
 * @throws EngineError `not-found`, `conflict`, `invalid`, `port-in-use`
 */
export async function plugNetwork(
  ground: Ground,
  request: NetworkRequest,
  ref: string,
  settings: EndpointSettings,
): Promise<NetworkChange> {
  return (await import("./attach/plug.ts")).plug(ground, request, ref, settings);
}

/** The same the other way. @throws EngineError `not-found` (network, or not connected to it), `conflict` (host) */
export async function unplugNetwork(ground: Ground, request: NetworkRequest, ref: string): Promise<NetworkChange> {
  return (await import("./attach/plug.ts")).unplug(ground, request, ref);
}

/** After a container was renamed: its networks answer to the new name instead of the old one. */
export async function renameOnNetworks(ground: Ground, request: NetworkRequest, from: string): Promise<void> {
  return (await import("./attach/rename.ts")).renameOwner(ground, request, from);
}
