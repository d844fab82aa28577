/** The networks room's rows: networks, endpoints, published ports, and how a user's word becomes one of them. */

import type { EndpointSettings, PortBinding } from "../container/types.ts";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { type Address, type Cidr, containsCidr, firstHost, parseAddress, parseCidr } from "./address.ts";
import type { NetworkInspect } from "./index.ts";

export type NetworkSpec = Omit<NetworkInspect, "Containers" | "EnableIPv4" | "ConfigFrom" | "ConfigOnly">;

/** A network as recorded. */
export interface NetworkRecord {
  spec: NetworkSpec;
  /** Interface name of its bridge. */
  bridge: string;
}

export interface EndpointRecord {
  owner: string;
  network: string;
  endpoint_id: string;
  interface: string;
  device: string;
  ipv4: string;
  ipv6: string;
  mac: string;
  settings: EndpointSettings;
}

export interface PortRecord {
  owner: string;
  network: string;
  protocol: "tcp" | "udp" | "sctp";
  host_ip: string;
  host_port: number;
  container_port: number;
}

/** One subnet of a network, parsed. */
export interface Subnet {
  network: Cidr;
  gateway: Address;
  /** Where addresses are given out. */
  range: Cidr;
}

interface NetworkRow {
  id: string;
  name: string;
  spec: string;
  bridge: string;
}

const fromRow = (row: NetworkRow): NetworkRecord => ({ spec: JSON.parse(row.spec) as NetworkSpec, bridge: row.bridge });

export function insertNetwork(house: House, { spec, bridge }: NetworkRecord): void {
  house.db.insert("networks", {
    id: spec.Id,
    name: spec.Name,
    driver: spec.Driver,
    spec: JSON.stringify(spec),
    bridge,
    created: Date.now(),
  });
}

/** Networks in the order they were made, the predefined ones first. */
export function allNetworks(house: House): NetworkRecord[] {
  return house.db.all<NetworkRow>("SELECT id, name, spec, bridge FROM networks ORDER BY created, rowid").map(fromRow);
}

export function networkById(house: House, id: string): NetworkRecord | undefined {
  const row = house.db.get<NetworkRow>("SELECT id, name, spec, bridge FROM networks WHERE id = ?", id);
  return row && fromRow(row);
}

/**
 * The network a word means: its full id, its name, or a unique id prefix, in this order, as docker.
 * @throws EngineError `not-found`, `ambiguous`
 */
export function findNetwork(house: House, ref: string): NetworkRecord {
  const exact = house.db.get<NetworkRow>(
    "SELECT id, name, spec, bridge FROM networks WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1",
    ref,
  );
  if (exact) return fromRow(exact);
  const rows = /^[0-9a-f]+$/.test(ref)
    ? house.db.all<NetworkRow>("SELECT id, name, spec, bridge FROM networks WHERE substr(id, 1, ?) = ?", ref.length, ref)
    : [];
  const [found, other] = rows;
  if (!found)
    throw new EngineError("not-found", `network ${JSON.stringify(ref)} not found`, { hint: "list the networks with 'berth network ls'" });
  if (other) throw new EngineError("ambiguous", `network ${JSON.stringify(ref)} is ambiguous (${rows.length} matches found on name)`);
  return fromRow(found);
}

export function subnetsOf(spec: NetworkSpec): Subnet[] {
  return spec.IPAM.Config.flatMap((config) => {
    const network = parseCidr(config.Subnet ?? "");
    if (!network) return [];
    const range = parseCidr(config.IPRange ?? "");
    return [
      {
        network,
        gateway: parseAddress(config.Gateway ?? "") ?? firstHost(network),
        range: range && containsCidr(network, range) ? range : network,
      },
    ];
  });
}

/** The families of a network's subnets. */
export function familiesOf({ spec }: NetworkRecord): Set<4 | 6> {
  return new Set(subnetsOf(spec).map(({ network }) => network.family));
}

/** The name of a network's nft table: an identifier in nft's grammar, unique on the machine. */
export function tableOf(spec: NetworkSpec): string {
  return `berth_${spec.Id.slice(0, 12)}`;
}

type EndpointRow = Omit<EndpointRecord, "settings"> & { settings: string };
const endpointFromRow = (row: EndpointRow): EndpointRecord => ({ ...row, settings: JSON.parse(row.settings) as EndpointSettings });

/** Endpoints of one owner, in the order of their devices. */
export function endpointsOf(house: House, owner: string): EndpointRecord[] {
  return house.db.all<EndpointRow>("SELECT * FROM endpoints WHERE owner = ? ORDER BY device", owner).map(endpointFromRow);
}

export function endpointsOn(house: House, network: string): EndpointRecord[] {
  return house.db.all<EndpointRow>("SELECT * FROM endpoints WHERE network = ? ORDER BY rowid", network).map(endpointFromRow);
}

export function portsOf(house: House, owner: string): PortRecord[] {
  return house.db.all<PortRecord>("SELECT * FROM ports WHERE owner = ? ORDER BY container_port, protocol, host_port, host_ip", owner);
}

/** An owner's published ports as inspect and ps show them. */
export function publishedPorts(house: House, owner: string): Record<string, PortBinding[]> {
  const found: Record<string, PortBinding[]> = {};
  for (const port of portsOf(house, owner)) {
    (found[`${port.container_port}/${port.protocol}`] ??= []).push({ HostIp: port.host_ip, HostPort: String(port.host_port) });
  }
  return found;
}

/** An owner's live endpoints by network name, as inspect and ps show them: addresses, MACs, aliases. */
export function publishedEndpoints(house: House, owner: string): Record<string, EndpointSettings> {
  const rows = house.db.all<{ name: string; settings: string }>(
    "SELECT networks.name AS name, settings FROM endpoints JOIN networks ON networks.id = endpoints.network WHERE owner = ? ORDER BY networks.name",
    owner,
  );
  return Object.fromEntries(rows.map(({ name, settings }) => [name, JSON.parse(settings) as EndpointSettings]));
}
