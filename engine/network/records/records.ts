/** The networks room's rows: networks, endpoints, published ports, and how a user's word becomes one of them. */

import type { EndpointSettings } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { damage, parseColumn } from "../../state/column.ts";
import type { Ground } from "../../state/ground.ts";
import { type Address, type Cidr, containsCidr, firstHost, parseAddress, parseCidr } from "../address/index.ts";
import type { NetworkInspect } from "../index.ts";
import type { LegacyLink } from "../types.ts";

/** Of the networks that are always there. */
export const predefinedNames: readonly string[] = ["bridge", "host", "none"];

/** True once they are recorded; until then predefined.ts does it. */
export function hasPredefined(ground: Ground): boolean {
  return ground.db.get("SELECT 1 FROM networks WHERE name = 'bridge'") !== undefined;
}

/** As inspect shows it, and what it does not show. */
export interface NetworkSpec extends Omit<NetworkInspect, "Containers" | "EnableIPv4" | "ConfigFrom" | "ConfigOnly"> {
  /** Families whose subnet berth chose: a fixed address cannot be asked for in those. */
  chosen?: (4 | 6)[];
}

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
  settings: RecordedSettings;
}

/** What inspect shows of an endpoint, and in small letters what it does not. */
export interface RecordedSettings extends EndpointSettings {
  legacyLinks?: LegacyLink[];
  /** Those of the owner's /etc/hosts that its links stand for. */
  linkLines?: string[];
}

/** An endpoint's settings, from its row, as inspect shows them. */
export function shownSettings(text: string): EndpointSettings {
  const { legacyLinks: _links, linkLines: _lines, ...shown } = parseColumn<RecordedSettings>(text, {}) ?? {};
  return shown;
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
  driver: string;
  spec: string;
  bridge: string;
  created: number;
}

/** Of a damaged record the columns are left: enough to list and to remove the network, not to give out an address. */
function fromRow(ground: Ground, { id, name, driver, spec: text, bridge, created }: NetworkRow): NetworkRecord {
  const spec = parseColumn(text, {}) as NetworkSpec | undefined;
  if (spec) return { spec, bridge };
  ground.unreadable.add(`${damage("network", name, "spec")}; remove it with 'berth network rm ${name}'`);
  const nothing = { Scope: "local", Internal: false, Attachable: false, Ingress: false, EnableIPv6: false, ConfigOnly: false };
  const IPAM = { Driver: "default", Options: null, Config: [] };
  const Created = new Date(created).toISOString();
  return {
    spec: { ...nothing, Id: id, Name: name, Driver: driver, Created, IPAM, Options: {}, Labels: {} } as unknown as NetworkSpec,
    bridge,
  };
}

export function insertNetwork(ground: Ground, { spec, bridge }: NetworkRecord): void {
  ground.db.insert("networks", {
    id: spec.Id,
    name: spec.Name,
    driver: spec.Driver,
    spec: JSON.stringify(spec),
    bridge,
    created: Date.now(),
  });
}

/** Networks in the order they were made, the predefined ones first. */
export function allNetworks(ground: Ground): NetworkRecord[] {
  return ground.db
    .all<NetworkRow>("SELECT id, name, driver, spec, bridge, created FROM networks ORDER BY created, rowid")
    .map((row) => fromRow(ground, row));
}

export function networkById(ground: Ground, id: string): NetworkRecord | undefined {
  const row = ground.db.get<NetworkRow>("SELECT id, name, driver, spec, bridge, created FROM networks WHERE id = ?", id);
  return row && fromRow(ground, row);
}

/**
 * The network a word means: its full id, its name, or a unique id prefix, in this order, as docker.
 * @throws EngineError `not-found`, `ambiguous`
 */
export function findNetwork(ground: Ground, ref: string): NetworkRecord {
  const exact = ground.db.get<NetworkRow>(
    "SELECT id, name, driver, spec, bridge, created FROM networks WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1",
    ref,
  );
  if (exact) return fromRow(ground, exact);
  const rows = /^[0-9a-f]+$/.test(ref)
    ? ground.db.all<NetworkRow>("SELECT id, name, driver, spec, bridge, created FROM networks WHERE substr(id, 1, ?) = ?", ref.length, ref)
    : [];
  const [found, other] = rows;
  if (!found) throw new EngineError("not-found", `network ${ref} not found`, { hint: "list the networks with 'berth network ls'" });
  if (other) throw new EngineError("ambiguous", `network ${JSON.stringify(ref)} is ambiguous (${rows.length} matches found on name)`);
  return fromRow(ground, found);
}

/** Whether a word means a network at all. */
export function existsNetwork(ground: Ground, ref: string): boolean {
  try {
    return findNetwork(ground, ref) !== undefined;
  } catch (error) {
    if (error instanceof EngineError && error.code === "not-found") return false;
    throw error;
  }
}

/** Whether a word means the network with an id: what looks like the beginning of that id may be the name of another. */
export function isNetwork(ground: Ground, ref: string, id: string): boolean {
  return existsNetwork(ground, ref) && findNetwork(ground, ref).spec.Id === id;
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

/** The name of a network's nft table: an identifier in nft's grammar, unique on the host. */
export function tableOf(spec: NetworkSpec): string {
  return `berth_${spec.Id.slice(0, 12)}`;
}

type EndpointRow = Omit<EndpointRecord, "settings"> & { settings: string };
const endpointFromRow = (row: EndpointRow): EndpointRecord => ({ ...row, settings: parseColumn<RecordedSettings>(row.settings, {}) ?? {} });

/** Endpoints of one owner, in the order of their devices. */
export function endpointsOf(ground: Ground, owner: string): EndpointRecord[] {
  return ground.db.all<EndpointRow>("SELECT * FROM endpoints WHERE owner = ? ORDER BY device", owner).map(endpointFromRow);
}

export function endpointsOn(ground: Ground, network: string): EndpointRecord[] {
  return ground.db.all<EndpointRow>("SELECT * FROM endpoints WHERE network = ? ORDER BY rowid", network).map(endpointFromRow);
}

export function portsOf(ground: Ground, owner: string): PortRecord[] {
  return ground.db.all<PortRecord>("SELECT * FROM ports WHERE owner = ? ORDER BY container_port, protocol, host_port, host_ip", owner);
}
