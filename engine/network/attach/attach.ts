/** Makes a container's network: rows first, then namespace, cables, ports, names. What fails half way is undone here. */
import { closeSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { EndpointSettings } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { lock } from "../../state/locks.ts";
import { readBounded } from "../../sys/bounded.ts";
import { NetlinkSocket } from "../../sys/netlink.ts";
import { contains, parseAddress } from "../address/index.ts";
import { makeNamespace, openNamespace, removeNamespace } from "../kernel/index.ts";
import { containerFiles, leadToResolver, parseLink, settleLinks, tellNeighbours } from "../names/index.ts";
import type { HeldPort } from "../ports/index.ts";
import {
  allocateEndpoint,
  ensurePredefined,
  familiesOf,
  findNetwork,
  inOrder,
  type NetworkRecord,
  newId,
  type Place,
  subnetsOf,
} from "../records/index.ts";
import type { BegunAttachment, NetworkAttachment, NetworkRequest } from "../types.ts";
import { type LiveNetwork, raiseBridge } from "./bridge.ts";
import { detach, hasTraces, undoAttachment } from "./detach.ts";
import { deviceOf } from "./device.ts";
import { adjustInterface, bringUpLoopback, hasIpv6, namespaceSettings, plugIn, routeOut } from "./plumbing.ts";

/** See attachment.ts. The namespace comes first: what is set in it must be there before any interface, or a runtime, comes in. */
export async function begin(ground: Ground, request: NetworkRequest): Promise<BegunAttachment> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(request.owner))
    throw new EngineError("internal", `not an owner's id: ${JSON.stringify(request.owner)}`);
  if (request.mode.startsWith("container:")) return joinNamespace(ground, request);
  ensurePredefined(ground);
  const networks = wantedNetworks(ground, request);
  const first = networks[0]?.network.spec;
  if (first?.Driver === "host") return { connect: async () => shareHost(ground, request, first.Id) };
  if (hasTraces(ground, request.owner)) await detach(ground, request.owner); // an earlier life of the container left them
  const netns = join(ground.paths.netns, request.owner);
  try {
    makeNamespace(netns, namespaceSettings(networks.some(needsIpv6)));
  } catch (error) {
    removeNamespace(netns);
    throw error;
  }
  return { netns, connect: () => connect(ground, request, netns) };
}

/** True when an interface on this network needs IPv6. */
function needsIpv6({ network, settings }: WantedNetwork): boolean {
  return familiesOf(network).has(6) || hasIpv6({ ipv6: "", settings });
}

async function connect(ground: Ground, request: NetworkRequest, netns: string): Promise<NetworkAttachment> {
  using _ = await lock(ground, "network"); // from here on no network disappears
  const held: HeldPort[] = [];
  try {
    return await make(ground, request, netns, held);
  } catch (error) {
    for (const { fd } of held) if (fd >= 0) closeSync(fd);
    await undoAttachment(ground, request.owner);
    throw error;
  }
}

interface WantedNetwork {
  network: NetworkRecord;
  settings: EndpointSettings;
}

/** The network of the mode, then the other endpoints asked for. */
function wantedNetworks(ground: Ground, request: NetworkRequest): WantedNetwork[] {
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

function shareHost(ground: Ground, request: NetworkRequest, network: string): NetworkAttachment {
  const endpoint = recordBare(ground, request.owner, network);
  return { endpoints: { host: endpoint }, ports: {}, mac: "", reserved: [], files: containerFiles(request, [], { hostNamespace: true }) };
}

/** A row without addresses, for host and none: inspect lists it, removal sees it. */
function recordBare(ground: Ground, owner: string, network: string): EndpointSettings {
  const settings: EndpointSettings = {
    NetworkID: network,
    EndpointID: newId(),
    Gateway: "",
    IPAddress: "",
    IPPrefixLen: 0,
    MacAddress: "",
  };
  const row = {
    owner,
    network,
    endpoint_id: settings.EndpointID ?? "",
    interface: "",
    device: "",
    ipv4: "",
    ipv6: "",
    mac: "",
    settings: JSON.stringify(settings),
  };
  ground.db.insert("endpoints", row, "OR REPLACE");
  return settings;
}

/** "container:ID": the other's namespace and its files. */
function joinNamespace(ground: Ground, request: NetworkRequest): BegunAttachment {
  const netns = request.containerNetns?.path;
  if (!netns) throw new EngineError("internal", `no network namespace was given for mode "${request.mode}"`);
  return { netns, connect: async () => sharedWith(ground, request, netns) };
}

function sharedWith(ground: Ground, request: NetworkRequest, netns: string): NetworkAttachment {
  const directory = join(ground.paths.containers, basename(netns));
  const read = (name: string) => (existsSync(join(directory, name)) ? readBounded(join(directory, name)).toString("utf8") : undefined);
  const own = containerFiles(request, [], {});
  const files = {
    hosts: read("hosts") ?? own.hosts,
    resolvConf: read("resolv.conf") ?? own.resolvConf,
    hostname: read("hostname") ?? own.hostname,
  };
  return { netns, endpoints: {}, ports: {}, mac: "", reserved: [], files };
}

async function make(ground: Ground, request: NetworkRequest, path: string, held: HeldPort[]): Promise<NetworkAttachment> {
  const wanted = wantedNetworks(ground, request);
  using host = new NetlinkSocket();
  const joined: Joined[] = [];
  for (const { network, settings } of wanted) {
    if (network.spec.Driver !== "bridge") continue;
    const live = await raiseBridge(ground, network, host);
    const names = dnsNames(request, settings);
    const legacyLinks = network.spec.Name === "bridge" ? request.links : undefined;
    joined.push({
      ...live,
      endpoint: allocateEndpoint(ground, live.network, {
        owner: request.owner,
        device: deviceOf(
          settings,
          joined.map(({ endpoint }) => endpoint.device),
        ),
        settings,
        names,
        legacyLinks,
      }),
    });
  }
  using inside = openNamespace(path);
  bringUpLoopback(inside.socket);
  for (const each of joined) plugIn(host, inside, each, each.endpoint);
  for (const { endpoint } of joined) adjustInterface(path, endpoint);
  const ordered = inOrder(joined);
  if (ordered.length > 0) routeOut(inside.socket, endpointsIn(ordered));
  leadToResolver(path, ordered);
  const ports = namesPorts(request) ? await (await import("../ports/publishing.ts")).holdAndPublish(ground, request, ordered, held) : {};
  const links = joined.flatMap(({ endpoint }) => settleLinks(ground, endpoint));
  for (const { network } of joined) await tellNeighbours(ground, network);
  const bare = wanted
    .filter(({ network }) => network.spec.Driver === "null")
    .map(({ network }) => [network.spec.Name, recordBare(ground, request.owner, network.spec.Id)]);
  return {
    netns: path,
    endpoints: Object.fromEntries([...joined.map(({ network, endpoint }) => [network.spec.Name, endpoint.settings]), ...bare]),
    ports,
    mac: joined[0]?.endpoint.mac ?? "",
    reserved: held.map(({ fd }) => fd).filter((fd) => fd >= 0),
    files: containerFiles(request, ordered, { links }),
  };
}

function namesPorts({ exposed, ports, publishAll }: NetworkRequest): boolean {
  return exposed.length > 0 || Object.keys(ports).length > 0 || publishAll;
}

/** What a container is called on a user network: its name, its aliases, its short id, its host name. */
export function dnsNames(
  { name, owner, hostname }: Pick<NetworkRequest, "name" | "owner" | "hostname">,
  settings: EndpointSettings = {},
): string[] {
  return [...new Set([name, ...(settings.Aliases ?? []), owner.slice(0, 12), hostname].filter(Boolean))];
}

/** A network that is up and the container's place on it. */
type Joined = LiveNetwork & Place;

const endpointsIn = (joined: readonly Joined[]) => joined.map(({ endpoint }) => endpoint);
