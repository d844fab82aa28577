/** Addresses: given out in one write transaction over unique rows, so that two processes never give the same one twice. */
import type { EndpointSettings } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { type Address, chooseAddress, contains, formatAddress, macOf, parseAddress, parseMac } from "../address/index.ts";
import type { LegacyLink } from "../types.ts";
import { newId } from "./predefined.ts";
import { type EndpointRecord, type NetworkRecord, type Subnet, subnetsOf } from "./records.ts";

export interface EndpointRequest {
  owner: string;
  /** "eth0" */
  device: string;
  settings: EndpointSettings;
  /** Names by which it is found on a user network: container name, aliases, short id. */
  names: string[];
  legacyLinks?: LegacyLink[] | undefined;
}

/**
 * Records an endpoint with its addresses.
 * @throws EngineError `conflict` (address in use), `invalid` (address outside the subnet), `network` (subnet used up)
 */
export function allocateEndpoint(ground: Ground, network: NetworkRecord, request: EndpointRequest): EndpointRecord {
  return ground.db.transaction(() => {
    const ipv4 = pick(ground, network, 4, request.settings.IPAMConfig?.IPv4Address);
    const ipv6 = pick(ground, network, 6, request.settings.IPAMConfig?.IPv6Address);
    const endpoint = describe(network, request, ipv4, ipv6);
    ground.db.insert("endpoints", { ...endpoint, settings: JSON.stringify(endpoint.settings) });
    return endpoint;
  });
}

type Picked = { address: Address; subnet: Subnet } | undefined;

function pick(ground: Ground, network: NetworkRecord, family: 4 | 6, wanted: string | undefined): Picked {
  const subnets = subnetsOf(network.spec).filter((subnet) => subnet.network.family === family);
  if (wanted) return claim(ground, network, family, subnets, wanted);
  if (subnets.length === 0) return undefined;
  const taken = takenAddresses(ground, network, family);
  for (const subnet of subnets) {
    const address = chooseAddress(subnet.network, subnet.range, taken);
    if (address) return { address, subnet };
  }
  throw new EngineError(
    "network",
    `no available IPv${family} addresses on this network's address pools: ${network.spec.Name} (${network.spec.Id.slice(0, 12)})`,
    {
      hint: "remove containers of the network, or make one with a larger --subnet",
    },
  );
}

function claim(ground: Ground, network: NetworkRecord, family: 4 | 6, subnets: readonly Subnet[], wanted: string): Picked {
  const address = parseAddress(wanted);
  const subnet = address && subnets.find((candidate) => contains(candidate.network, address));
  if (!address || address.family !== family) throw new EngineError("invalid", `invalid IPv${family} address: ${JSON.stringify(wanted)}`);
  if (!subnet) throw new EngineError("internal", `address ${wanted} was not checked for network "${network.spec.Name}"`);
  if (takenAddresses(ground, network, family).has(formatAddress(address)))
    throw new EngineError("conflict", `address ${wanted} is already in use on network "${network.spec.Name}"`);
  return { address, subnet };
}

/** Recorded addresses, the gateways, and those set aside by --aux-address. */
function takenAddresses(ground: Ground, { spec }: NetworkRecord, family: 4 | 6): Set<string> {
  const column = family === 4 ? "ipv4" : "ipv6";
  const rows = ground.db.all<{ address: string }>(`SELECT ${column} AS address FROM endpoints WHERE network = ?`, spec.Id);
  const reserved = spec.IPAM.Config.flatMap((config) => Object.values(config.AuxiliaryAddresses ?? {}));
  return new Set([...rows.map(({ address }) => address), ...subnetsOf(spec).map(({ gateway }) => formatAddress(gateway)), ...reserved]);
}

function describe(network: NetworkRecord, request: EndpointRequest, ipv4: Picked, ipv6: Picked): EndpointRecord {
  const { owner, device, settings, names, legacyLinks } = request;
  if (settings.MacAddress && !parseMac(settings.MacAddress))
    throw new EngineError("invalid", `invalid MAC address: ${JSON.stringify(settings.MacAddress)}`);
  const first = ipv4?.address ?? ipv6?.address;
  const mac = settings.MacAddress?.toLowerCase().replaceAll("-", ":") || (first ? macOf(first) : "");
  const id = newId();
  const text = (picked: Picked) => (picked ? formatAddress(picked.address) : "");
  const gateway = (picked: Picked) => (picked && !network.spec.Internal ? formatAddress(picked.subnet.gateway) : "");
  return {
    owner,
    network: network.spec.Id,
    endpoint_id: id,
    interface: `veth${id.slice(0, 11)}`,
    device,
    ipv4: text(ipv4),
    ipv6: text(ipv6),
    mac,
    settings: {
      ...(settings.IPAMConfig && { IPAMConfig: settings.IPAMConfig }),
      ...(settings.Aliases && { Aliases: settings.Aliases }),
      ...(settings.DriverOpts && { DriverOpts: settings.DriverOpts }),
      ...(settings.Links?.length && { Links: settings.Links, linkLines: [] }),
      ...(legacyLinks?.length && { legacyLinks, linkLines: [] }),
      ...(settings.GwPriority && { GwPriority: settings.GwPriority }),
      DNSNames: names,
      NetworkID: network.spec.Id,
      EndpointID: id,
      Gateway: gateway(ipv4),
      IPAddress: text(ipv4),
      IPPrefixLen: ipv4?.subnet.network.prefix ?? 0,
      IPv6Gateway: gateway(ipv6),
      GlobalIPv6Address: text(ipv6),
      GlobalIPv6PrefixLen: ipv6?.subnet.network.prefix ?? 0,
      MacAddress: mac,
    },
  };
}
