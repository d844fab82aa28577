/** Which networks a container asks for, and whether they can give what it asks of them. */
import type { EndpointSettings } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { contains, parseAddress } from "../address/index.ts";
import { parseLink } from "../names/index.ts";
import { type EndpointRecord, familiesOf, findNetwork, type NetworkRecord, subnetsOf } from "../records/index.ts";
import type { NetworkRequest } from "../types.ts";

export interface WantedNetwork {
  network: NetworkRecord;
  settings: EndpointSettings;
}

/** The network of the mode, then the other endpoints asked for. */
export function wantedNetworks(ground: Ground, request: NetworkRequest): WantedNetwork[] {
  const mode = request.mode === "" || request.mode === "default" ? "bridge" : request.mode;
  const found = new Map<string, WantedNetwork>();
  for (const ref of [mode, ...Object.keys(request.endpoints)]) {
    const network = findNetwork(ground, ref === "default" ? "bridge" : ref);
    const settings = request.endpoints[network.spec.Name] ?? request.endpoints[network.spec.Id] ?? request.endpoints[ref] ?? {};
    checkEndpoint(network, settings);
    if (!found.has(network.spec.Id)) found.set(network.spec.Id, { network, settings });
  }
  const wanted = [...found.values()];
  const alone = wanted.find(({ network }) => network.spec.Driver !== "bridge");
  if (alone && wanted.length > 1)
    throw new EngineError("conflict", `container cannot be connected to network "${alone.network.spec.Name}" and to others at once`);
  return wanted;
}

/**
 * Refuses what a network cannot give.
 * @throws EngineError `invalid`, `unsupported`
 */
export function checkEndpoint(network: NetworkRecord, settings: EndpointSettings): void {
  const { spec } = network;
  const { IPv4Address = "", IPv6Address = "" } = settings.IPAMConfig ?? {};
  const fixed = [IPv4Address, IPv6Address].filter(Boolean);
  const isUserNetwork = spec.Driver === "bridge" && spec.Name !== "bridge";
  if (fixed.length > 0 && !isUserNetwork)
    throw new EngineError("invalid", "user specified IP address is supported on user defined networks only");
  for (const address of fixed) checkAddress(network, address);
  if (settings.Aliases?.length && !isUserNetwork)
    throw new EngineError("invalid", "network-scoped alias is supported only for containers in user defined networks");
  if (settings.Links?.length && !isUserNetwork) throw new EngineError("invalid", "links are only supported for user-defined networks");
  settings.Links?.forEach(parseLink);
  for (const address of settings.IPAMConfig?.LinkLocalIPs ?? []) checkLinkLocal(address);
}

/** RFC 3927, RFC 4291. */
function checkLinkLocal(text: string): void {
  const address = parseAddress(text);
  const isLocal = address && (address.family === 4 ? address.value >> 16n === 0xa9fen : address.value >> 118n === 0x3fan);
  if (!isLocal)
    throw new EngineError("invalid", `invalid link-local IP address: ${text}`, { hint: "give one of 169.254.0.0/16 or fe80::/10" });
}

/** An address of the user's needs a subnet of the user's: what berth chose may be another one tomorrow. */
function checkAddress({ spec }: NetworkRecord, text: string): void {
  const address = parseAddress(text);
  if (!address) throw new EngineError("invalid", `invalid IP address: ${JSON.stringify(text)}`);
  const own = subnetsOf(spec).filter(({ network: { family } }) => family === address.family && !spec.chosen?.includes(family));
  if (own.length === 0)
    throw new EngineError(
      "invalid",
      "user specified IP address is supported only when connecting to networks with user configured subnets",
      {
        hint: `make the network with --subnet, and choose an address of it`,
      },
    );
  if (!own.some(({ network }) => contains(network, address)))
    throw new EngineError("invalid", `no configured subnet or ip-range contain the IP address ${text}`, {
      hint: `see 'berth network inspect ${spec.Name}'`,
    });
}

/** True when an interface on this network needs IPv6. */
export function needsIpv6({ network, settings }: WantedNetwork): boolean {
  return familiesOf(network).has(6) || hasIpv6({ ipv6: "", settings });
}

/** True when an endpoint's interface needs IPv6. */
export function hasIpv6({ ipv6, settings }: Pick<EndpointRecord, "ipv6" | "settings">): boolean {
  return ipv6 !== "" || (settings.IPAMConfig?.LinkLocalIPs ?? []).some((text) => text.includes(":"));
}

/** Switches of a new namespace: IPv6 stays off where no network has it, and addresses are usable at once. */
export function namespaceSettings(ipv6: boolean): Record<string, string> {
  return ipv6 ? { "ipv6/conf/default/accept_dad": "0", "ipv6/conf/default/accept_ra": "0" } : { "ipv6/conf/default/disable_ipv6": "1" };
}
