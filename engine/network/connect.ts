/** Connects containers to networks and disconnects them, also while they run: by the file of their namespace. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EndpointSettings } from "../container/types.ts";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { emit } from "../state/events.ts";
import { lock } from "../state/locks.ts";
import { NetlinkSocket } from "../sys/netlink.ts";
import { allocateEndpoint } from "./allocate.ts";
import { checkEndpoint, dnsNames } from "./attach.ts";
import { raiseBridge, retireIdleBridges } from "./bridge.ts";
import { writeNames } from "./dns.ts";
import { publish, unpublish } from "./firewall.ts";
import { redirectForwarder } from "./forward/start.ts";
import { forgetConnection, isAdrift, type Member, memberByRef, rememberConnection, rewriteFiles } from "./member.ts";
import { openNamespace } from "./namespace.ts";
import { namespaceSettings, plugIn, removeCable, routeOut } from "./plumbing.ts";
import { ensurePredefined } from "./predefined.ts";
import { type EndpointRecord, endpointsOf, findNetwork, type NetworkRecord, networkById, portsOf } from "./records.ts";
import { leadToResolver } from "./resolver.ts";
import { addressesOf } from "./ruleset.ts";

/** @throws EngineError `not-found`, `conflict`, `invalid`, `unsupported` */
export async function connectContainer(
  house: House,
  networkRef: string,
  containerRef: string,
  settings: EndpointSettings = {},
): Promise<void> {
  ensurePredefined(house);
  using _ = await lock(house, "network");
  const network = findNetwork(house, networkRef);
  const member = memberByRef(house, containerRef);
  checkConnect(house, network, member);
  checkEndpoint(network, settings);
  if (isLive(house, member)) await plugRunning(house, network, member, settings);
  rememberConnection(house, member, network.spec.Name, settings);
  emit(house, "network", "connect", network.spec.Id, { container: member.id, name: network.spec.Name, type: network.spec.Driver });
}

function checkConnect(house: House, network: NetworkRecord, member: Member): void {
  const conflict = (text: string) => new EngineError("conflict", text);
  if (network.spec.Driver === "host" || member.mode === "host")
    throw conflict("container cannot be disconnected from host network or connected to host network");
  if (member.mode.startsWith("container:"))
    throw conflict("container sharing network namespace with another container or host cannot be connected to any other network");
  if (network.spec.Driver === "null" || (member.mode === "none" && !isAdrift(member)))
    throw conflict("container cannot be connected to multiple networks with one of the networks in private (none) mode");
  const joined = isLive(house, member)
    ? endpointsOf(house, member.id).some(({ network: id }) => id === network.spec.Id)
    : isAsked(house, member, network);
  if (joined) throw conflict(`endpoint with name ${member.name} already exists in network ${network.spec.Name}`);
}

/** True when the container will join the network at its next start. */
function isAsked(house: House, member: Member, network: NetworkRecord): boolean {
  const refs = [member.mode, ...Object.keys(member.networking)];
  return refs.some((ref) => {
    try {
      return findNetwork(house, ref).spec.Id === network.spec.Id;
    } catch {
      return false; // a network that was removed since
    }
  });
}

/** True while the container has a namespace of its own. */
function isLive(house: House, { id }: Member): boolean {
  return existsSync(join(house.paths.netns, id));
}

async function plugRunning(house: House, network: NetworkRecord, member: Member, settings: EndpointSettings): Promise<void> {
  const before = orderedEndpoints(house, member.id);
  leaveNone(house, member.id);
  using host = new NetlinkSocket();
  const live = await raiseBridge(house, network, host);
  const names = dnsNames({ owner: member.id, name: member.name, hostname: member.config.Hostname ?? "" }, settings);
  const endpoint = allocateEndpoint(house, live.network, {
    owner: member.id,
    device: freeDevice(before.map((each) => each.endpoint)),
    settings,
    names,
  });
  try {
    using inside = openNamespace(
      join(house.paths.netns, member.id),
      endpoint.ipv6 ? { ...namespaceSettings(true), "ipv6/conf/default/disable_ipv6": "0" } : namespaceSettings(false),
    );
    plugIn(host, inside, live, endpoint);
    routeOut(
      inside.socket,
      orderedEndpoints(house, member.id).map((each) => each.endpoint),
    );
  } catch (error) {
    removeCable(host, endpoint);
    house.db.run("DELETE FROM endpoints WHERE endpoint_id = ?", endpoint.endpoint_id);
    await retireIdleBridges(house);
    throw error;
  }
  const after = orderedEndpoints(house, member.id);
  leadToResolver(join(house.paths.netns, member.id), after);
  await writeNames(house, network);
  rewriteFiles(house, member, before, after);
}

/** The row that stands for the network "none". */
function leaveNone(house: House, owner: string): void {
  house.db.run("DELETE FROM endpoints WHERE owner = ? AND interface = ''", owner);
}

function freeDevice(endpoints: readonly EndpointRecord[]): string {
  const taken = new Set(endpoints.map(({ device }) => device));
  for (let number = 0; ; number++) if (!taken.has(`eth${number}`)) return `eth${number}`;
}

/** A network and the container's place on it. */
export interface Place {
  network: NetworkRecord;
  endpoint: EndpointRecord;
}

/** In the order in which they provide the way out: those with a gateway first, then by network name, as docker. */
function orderedEndpoints(house: House, owner: string): Place[] {
  const places = endpointsOf(house, owner).flatMap((endpoint) => {
    const network = networkById(house, endpoint.network);
    return network && endpoint.interface !== "" ? [{ network, endpoint }] : [];
  });
  const rank = ({ network }: Place) => `${network.spec.Internal ? 1 : 0}${network.spec.Name}`;
  return places.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/**
 * @param options.force a container that does not exist any more is fine
 * @throws EngineError `not-found`, `conflict`
 */
export async function disconnectContainer(
  house: House,
  networkRef: string,
  containerRef: string,
  options: { force?: boolean } = {},
): Promise<void> {
  ensurePredefined(house);
  using _ = await lock(house, "network");
  const network = findNetwork(house, networkRef);
  const member = findMember(house, containerRef, options.force ?? false);
  if (!member) return;
  if (network.spec.Driver === "host")
    throw new EngineError("conflict", "container cannot be disconnected from host network or connected to host network");
  const place = orderedEndpoints(house, member.id).find(({ network: { spec } }) => spec.Id === network.spec.Id);
  const isNone = network.spec.Driver === "null";
  if (!place && (!isAsked(house, member, network) || (isNone && isAdrift(member)))) {
    throw new EngineError("not-found", `container ${member.id} is not connected to network ${network.spec.Name}`);
  }
  if (place) await unplugRunning(house, place, member);
  if (isNone) leaveNone(house, member.id);
  forgetConnection(house, member, network.spec);
  emit(house, "network", "disconnect", network.spec.Id, { container: member.id, name: network.spec.Name, type: network.spec.Driver });
}

function findMember(house: House, ref: string, force: boolean): Member | undefined {
  try {
    return memberByRef(house, ref);
  } catch (error) {
    if (force && error instanceof EngineError && error.code === "not-found") return undefined; // its endpoints went with it
    throw error;
  }
}

async function unplugRunning(house: House, { network, endpoint }: Place, member: Member): Promise<void> {
  const before = orderedEndpoints(house, member.id);
  const rest = before.filter((each) => each.endpoint.endpoint_id !== endpoint.endpoint_id);
  movePorts(house, network, rest[0], member.id);
  using host = new NetlinkSocket();
  removeCable(host, endpoint);
  house.db.run("DELETE FROM endpoints WHERE endpoint_id = ?", endpoint.endpoint_id);
  using inside = openNamespace(join(house.paths.netns, member.id));
  routeOut(
    inside.socket,
    rest.map((each) => each.endpoint),
  );
  leadToResolver(join(house.paths.netns, member.id), rest);
  await writeNames(house, network);
  rewriteFiles(house, member, before, rest);
  await retireIdleBridges(house);
}

/** Published ports follow to the network that now provides the way out; the host sockets stay with the monitor. */
function movePorts(house: House, from: NetworkRecord, to: Place | undefined, owner: string): void {
  const ports = portsOf(house, owner).filter((port) => port.network === from.spec.Id);
  if (ports.length === 0) return;
  unpublish(from, ports);
  redirectForwarder(house, owner, to && !to.network.spec.Internal ? to.endpoint.ipv4 : "");
  if (!to || to.network.spec.Internal) {
    house.db.run("DELETE FROM ports WHERE owner = ? AND network = ?", owner, from.spec.Id);
    return;
  }
  house.db.run("UPDATE ports SET network = ? WHERE owner = ? AND network = ?", to.network.spec.Id, owner, from.spec.Id);
  publish(to.network, ports, addressesOf(to.endpoint));
}
