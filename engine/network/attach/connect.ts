/** Connects a container's namespace: rows first, then cables, ports, names. What fails half way is undone here. */
import { closeSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { EndpointSettings } from "../../docker.ts";
import type { Ground } from "../../state/ground.ts";
import { lock } from "../../state/locks.ts";
import { readBounded } from "../../sys/bounded.ts";
import { NetlinkSocket } from "../../sys/netlink.ts";
import { openNamespace } from "../kernel/index.ts";
import { containerFiles, leadToResolver, settleLinks, tellNeighbours } from "../names/index.ts";
import type { HeldPort } from "../ports/index.ts";
import { allocateEndpoint, inOrder, newId, type Place } from "../records/index.ts";
import type { NetworkAttachment, NetworkRequest } from "../types.ts";
import { type LiveNetwork, raiseBridge } from "./bridge.ts";
import { undoAttachment } from "./detach.ts";
import { deviceOf } from "./device.ts";
import { adjustInterface, bringUpLoopback, plugIn, routeOut } from "./plumbing.ts";
import { wantedNetworks } from "./wanted.ts";

export async function connect(ground: Ground, request: NetworkRequest, netns: string): Promise<NetworkAttachment> {
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

/** The host's own namespace. */
export function shareHost(ground: Ground, request: NetworkRequest, network: string): NetworkAttachment {
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

/** The namespace and the files of another container. */
export function sharedWith(ground: Ground, request: NetworkRequest, netns: string): NetworkAttachment {
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
