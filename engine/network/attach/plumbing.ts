/** The cable of an endpoint: a veth pair between a network's bridge and a container's namespace, and what is set inside. */
import { EngineError } from "../../errors.ts";
import { ERRNO, type Message, type NetlinkSocket } from "../../sys/netlink.ts";
import {
  deleteDefaultRoute,
  deleteLink,
  leaveBridge,
  linkIndex,
  newAddress,
  newVeth,
  setBridgePort,
  setDefaultRoute,
  setLinkUp,
} from "../../sys/netlink-route.ts";
import { addressBytes, broadcastOf, networkOf, parseAddress, parseMac } from "../address/index.ts";
import { enterNamespace, type OpenNamespace } from "../kernel/index.ts";
import type { EndpointRecord } from "../records/index.ts";
import type { LiveNetwork } from "./bridge.ts";
import { interfaceSettings } from "./device.ts";

/** What was asked of the kernel for an interface that is in. @param path the namespace's file @throws EngineError `invalid`, `network` */
export function adjustInterface(path: string, { device, settings }: EndpointRecord): void {
  const files = interfaceSettings(settings, device);
  if (Object.keys(files).length > 0) enterNamespace(path, files, () => {});
}

/**
 * Connects a namespace to a network that is up.
 * @throws EngineError `network`
 */
export function plugIn(host: NetlinkSocket, inside: OpenNamespace, { network, index, mtu }: LiveNetwork, endpoint: EndpointRecord): void {
  const mac = parseMac(endpoint.mac);
  if (!mac) throw new EngineError("internal", `endpoint without a MAC address: ${endpoint.endpoint_id}`);
  const isolated = network.spec.Options["com.docker.network.bridge.enable_icc"] === "false";
  try {
    host.request(
      newVeth({
        name: endpoint.interface,
        master: index,
        peer: { name: endpoint.device, mac, namespaceFd: inside.fd },
        ...(mtu && { mtu }),
      }),
      setBridgePort(endpoint.interface, { hairpin: true, isolated }),
    );
    const device = linkIndex(inside.socket, endpoint.device);
    if (device === undefined) throw new Error(`"${endpoint.device}" did not appear`);
    inside.socket.request(setLinkUp(endpoint.device), ...addressMessages(endpoint, device));
  } catch (cause) {
    throw new EngineError("network", `cannot connect to network "${network.spec.Name}": ${(cause as Error).message}`, { cause });
  }
}

function addressMessages({ settings }: EndpointRecord, device: number): Message[] {
  const pairs = [
    [settings.IPAddress, settings.IPPrefixLen],
    [settings.GlobalIPv6Address, settings.GlobalIPv6PrefixLen],
    ...(settings.IPAMConfig?.LinkLocalIPs ?? []).map((text) => [text, text.includes(":") ? 64 : 16] as const),
  ] as const;
  return pairs.flatMap(([text, prefix]) => {
    const address = parseAddress(text ?? "");
    if (!address || !prefix) return [];
    return [
      newAddress(
        device,
        addressBytes(address),
        prefix,
        address.family === 4 ? addressBytes(broadcastOf(networkOf(address, prefix))) : undefined,
      ),
    ];
  });
}

export function bringUpLoopback(inside: NetlinkSocket): void {
  inside.request(setLinkUp("lo"));
}

/**
 * Points the default routes of a namespace at the first endpoint that has a gateway, by docker's order (network name);
 * without one there is no way out.
 * @param endpoints in the order of preference
 */
export function routeOut(inside: NetlinkSocket, endpoints: readonly EndpointRecord[]): void {
  const gateways = [
    endpoints.map(({ settings }) => settings.Gateway).find(Boolean),
    endpoints.map(({ settings }) => settings.IPv6Gateway).find(Boolean),
  ];
  const messages = ([4, 6] as const).flatMap((family, position) => {
    const gateway = parseAddress(gateways[position] ?? "");
    if (gateway) return [setDefaultRoute(addressBytes(gateway))];
    return [{ ...deleteDefaultRoute(family), tolerate: [ERRNO.ESRCH, ERRNO.ENODEV, ERRNO.EOPNOTSUPP] }];
  });
  inside.request(...messages);
}

/**
 * Takes an endpoint's host side off its bridge. Its namespace dies with the container and takes the pair along, which
 * costs nothing; deleting it here would wait 30 ms for the kernel.
 */
export function unplug(host: NetlinkSocket, endpoint: EndpointRecord): void {
  host.request(leaveBridge(endpoint.interface));
}

/** Deletes the pair of a container that goes on running. */
export function removeCable(host: NetlinkSocket, endpoint: EndpointRecord): void {
  host.request(deleteLink(endpoint.interface));
}
