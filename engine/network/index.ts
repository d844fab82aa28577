/** The networks room as the rest of the program sees it: the interface only. Shapes follow the Docker Engine API. */
import type { Filters } from "../docker.ts";

export interface IpamConfig {
  Subnet?: string;
  IPRange?: string;
  Gateway?: string;
  /** Addresses that are not given out, by a name of their own (--aux-address). */
  AuxiliaryAddresses?: Record<string, string>;
}

export interface NetworkCreate {
  Name: string;
  Driver?: string;
  Internal?: boolean;
  Attachable?: boolean;
  EnableIPv6?: boolean;
  IPAM?: { Driver?: string; Options?: Record<string, string>; Config?: IpamConfig[] };
  Options?: Record<string, string>;
  Labels?: Record<string, string>;
}

export interface NetworkInspect {
  Name: string;
  Id: string;
  Created: string;
  Scope: "local";
  Driver: "bridge" | "host" | "null";
  EnableIPv4: true;
  EnableIPv6: boolean;
  IPAM: { Driver: string; Options: Record<string, string>; Config: IpamConfig[] };
  Internal: boolean;
  Attachable: boolean;
  Ingress: boolean;
  ConfigFrom: { Network: "" };
  ConfigOnly: false;
  /** By container id. */
  Containers: Record<string, { Name: string; EndpointID: string; MacAddress: string; IPv4Address: string; IPv6Address: string }>;
  Options: Record<string, string>;
  Labels: Record<string, string>;
}

export interface Networks {
  create(spec: NetworkCreate): Promise<{ Id: string; Warning: string }>;
  list(options?: { filters?: Filters }): Promise<NetworkInspect[]>;
  inspect(ref: string): Promise<NetworkInspect>;
  remove(ref: string): Promise<void>;
  prune(filters?: Filters): Promise<{ NetworksDeleted: string[] }>;
}
