/** The plain data between the networks room and those above it. */
import type { EndpointSettings, PortBinding } from "../docker.ts";
import type { NetworkInspect } from "./index.ts";

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

/** A namespace in which there is nothing yet. */
export interface BegunAttachment {
  /** Path for the OCI network namespace; undefined is the host's. */
  netns?: string;
  /**
   * Connects it to its networks; `detachNetwork` takes back what a caller leaves who does not come to that.
   * @throws EngineError `not-found` (network), `port-in-use`, `conflict` (address), `network`
   */
  connect(): Promise<NetworkAttachment>;
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

/** A container's networks after a change: the caller records them, then disposes of this. */
export interface NetworkChange extends Disposable {
  network: Pick<NetworkInspect, "Id" | "Name" | "Driver">;
}

/** A link of the default network. */
export interface LegacyLink {
  /** Owner of the other endpoint. */
  target: string;
  /** What the line says after the address: "alias hostname name". */
  names: string;
}
