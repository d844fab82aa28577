/**
 * The door of the networks room for the rooms above it: gives a container or a build step its network namespace,
 * addresses, published ports and name files, and takes everything back. All that is made is first written down under
 * the owner's id, so that `detachNetwork` can undo the half made after a crash.
 */
import type { EndpointSettings, PortBinding } from "../docker.ts";
import type { Ground } from "../state/ground.ts";
import type { NetworkInspect } from "./index.ts";
import type { LegacyLink } from "./links.ts";

/** What a container asks of the network. */
export interface NetworkRequest {
  /** Container id or build step id: everything is recorded under it. */
  owner: string;
  /** Container name, for DNS on user networks. */
  name: string;
  /** HostConfig.NetworkMode: "default", "bridge", "host", "none", "container:ID", or a network's name or id. */
  mode: string;
  hostname: string;
  domainname: string;
  /** Endpoints as asked for, by network name. */
  endpoints: Record<string, EndpointSettings>;
  /** HostConfig.PortBindings: "80/tcp" → bindings. */
  ports: Record<string, PortBinding[]>;
  publishAll: boolean;
  /** Exposed ports of image and container, "80/tcp"; `publishAll` publishes them. */
  exposed: string[];
  dns: string[];
  dnsSearch: string[];
  dnsOptions: string[];
  /** "name:address"; the address may be "host-gateway". */
  extraHosts: string[];
  /** Links on the default network. */
  links?: LegacyLink[];
  /** For "container:ID": the other container's namespace. */
  containerNetns?: { path: string };
}

/** What the container got. */
export interface NetworkAttachment {
  /** Path for the OCI network namespace; undefined is the host's. */
  netns?: string;
  endpoints: Record<string, EndpointSettings>;
  /** As inspect shows them: null for exposed and not published. */
  ports: Record<string, PortBinding[] | null>;
  /** Of the first endpoint, "" when there is none. */
  mac: string;
  /** Bound host sockets (close-on-exec) that the monitor must inherit; the caller closes its copies. */
  reserved: number[];
  /** Contents of /etc/hosts, /etc/resolv.conf, /etc/hostname. */
  files: { hosts: string; resolvConf: string; hostname: string };
}

/**
 * Makes the network of a container or a build step.
 * @throws EngineError `not-found` (network), `port-in-use`, `conflict` (address), `network`
 */
export async function attachNetwork(ground: Ground, request: NetworkRequest): Promise<NetworkAttachment> {
  return (await import("./attach.ts")).attach(ground, request);
}

/** Undoes everything recorded for an owner. Idempotent; fine for dead owners, unknown owners and after a reboot. */
export async function detachNetwork(ground: Ground, owner: string): Promise<void> {
  return (await import("./detach.ts")).detach(ground, owner);
}

/** A container's networks after a change: the caller records them, then disposes of this. */
export interface NetworkChange extends Disposable {
  network: Pick<NetworkInspect, "Id" | "Name" | "Driver">;
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
  return (await import("./plug.ts")).plug(ground, request, ref, settings);
}

/** The same the other way. @throws EngineError `not-found` (network, or not connected to it), `conflict` (host) */
export async function unplugNetwork(ground: Ground, request: NetworkRequest, ref: string): Promise<NetworkChange> {
  return (await import("./plug.ts")).unplug(ground, request, ref);
}

/** After a container was renamed: its networks answer to the new name instead of the old one. */
export async function renameOnNetworks(ground: Ground, request: NetworkRequest, from: string): Promise<void> {
  return (await import("./rename.ts")).renameOwner(ground, request, from);
}
