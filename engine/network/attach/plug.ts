/**
 * Puts a container on a further network and takes it off one, also while it runs: by the file of its namespace. What the
 * container asks for at its next start is its own room's business, which holds its lock meanwhile.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EndpointSettings } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { lock } from "../../state/locks.ts";
import { NetlinkSocket } from "../../sys/netlink.ts";
import { openNamespace } from "../kernel/index.ts";
import { dropLinks, leadToResolver, rewriteFiles, tellNeighbours } from "../names/index.ts";
import { followPorts } from "../ports/index.ts";
import {
  allocateEndpoint,
  endpointsOf,
  ensurePredefined,
  findNetwork,
  isNetwork,
  type NetworkRecord,
  orderedPlaces,
  type Place,
} from "../records/index.ts";
import type { NetworkChange, NetworkRequest } from "../types.ts";
import { raiseBridge, retireIdleBridges } from "./bridge.ts";
import { dnsNames } from "./connect.ts";
import { deviceOf } from "./device.ts";
import { adjustInterface, plugIn, removeCable, routeOut } from "./plumbing.ts";
import { checkEndpoint, hasIpv6, namespaceSettings } from "./wanted.ts";

/** See attachment.ts. */
export async function plug(ground: Ground, request: NetworkRequest, ref: string, settings: EndpointSettings): Promise<NetworkChange> {
  ensurePredefined(ground);
  using _ = await lock(ground, "network");
  const network = findNetwork(ground, ref);
  checkPlug(ground, network, request);
  checkEndpoint(network, settings);
  return changing(ground, network, request, () => plugRunning(ground, network, request, settings));
}

/** See attachment.ts. */
export async function unplug(ground: Ground, request: NetworkRequest, ref: string): Promise<NetworkChange> {
  ensurePredefined(ground);
  using _ = await lock(ground, "network");
  const network = findNetwork(ground, ref);
  const isNone = network.spec.Driver === "null";
  if (network.spec.Driver === "host")
    throw new EngineError("conflict", "cannot disconnect container from host network - container was created in host network mode");
  const place = orderedPlaces(ground, request.owner).find(({ network: { spec } }) => spec.Id === network.spec.Id);
  if (!place && (!isAsked(ground, request, network) || (isNone && isAdrift(request))))
    throw new EngineError("not-found", `container ${request.owner} is not connected to network ${network.spec.Name}`);
  return changing(ground, network, request, async () => {
    if (place) await unplugRunning(ground, place, request);
    if (isNone) leaveNone(ground, request.owner);
  });
}

/** A change that is killed half way is undone, or brought to its end, by the next command: the container is off the network. */
async function changing(
  ground: Ground,
  network: NetworkRecord,
  request: NetworkRequest,
  change: () => Promise<void>,
): Promise<NetworkChange> {
  const { Id, Name, Driver } = network.spec;
  if (!isLive(ground, request)) return { network: { Id, Name, Driver }, [Symbol.dispose]() {} };
  const lease = takeLease(ground, "endpoint", `${request.owner} ${Id}`);
  try {
    await change();
  } catch (error) {
    lease.release();
    throw error;
  }
  return { network: { Id, Name, Driver }, [Symbol.dispose]: lease.release };
}

function checkPlug(ground: Ground, network: NetworkRecord, request: NetworkRequest): void {
  const conflict = (text: string) => new EngineError("conflict", text);
  if (network.spec.Driver === "host")
    throw conflict("cannot connect container to host network - container must be created in host network mode");
  if (request.mode === "host" || request.mode.startsWith("container:"))
    throw conflict("container sharing network namespace with another container or host cannot be connected to any other network");
  if (network.spec.Driver === "null" || (request.mode === "none" && !isAdrift(request)))
    throw conflict("container cannot be connected to multiple networks with one of the networks in private (none) mode");
  const joined = isLive(ground, request)
    ? endpointsOf(ground, request.owner).some(({ network: id }) => id === network.spec.Id)
    : isAsked(ground, request, network);
  if (joined) throw conflict(`endpoint with name ${request.name} already exists in network ${network.spec.Name}`);
}

/** True when the container will join the network at its next start. */
function isAsked(ground: Ground, request: NetworkRequest, network: NetworkRecord): boolean {
  return [request.mode, ...Object.keys(request.endpoints)].some((ref) => isNetwork(ground, ref, network.spec.Id));
}

/** True for a container that was taken off all its networks: "none" only keeps the place of the next one. */
function isAdrift({ mode, endpoints }: Pick<NetworkRequest, "mode" | "endpoints">): boolean {
  return mode === "none" && "none" in endpoints;
}

/** True while the container has a namespace of its own. */
function isLive(ground: Ground, { owner }: NetworkRequest): boolean {
  return existsSync(join(ground.paths.netns, owner));
}

async function plugRunning(ground: Ground, network: NetworkRecord, request: NetworkRequest, settings: EndpointSettings): Promise<void> {
  const before = orderedPlaces(ground, request.owner);
  leaveNone(ground, request.owner);
  using host = new NetlinkSocket();
  const live = await raiseBridge(ground, network, host);
  const endpoint = allocateEndpoint(ground, live.network, {
    owner: request.owner,
    device: deviceOf(
      settings,
      before.map((each) => each.endpoint.device),
    ),
    settings,
    names: dnsNames(request, settings),
  });
  try {
    using inside = openNamespace(
      join(ground.paths.netns, request.owner),
      hasIpv6(endpoint) ? { ...namespaceSettings(true), "ipv6/conf/default/disable_ipv6": "0" } : namespaceSettings(false),
    );
    plugIn(host, inside, live, endpoint);
    adjustInterface(join(ground.paths.netns, request.owner), endpoint);
    await settle(ground, request, before, network);
  } catch (error) {
    await unplugRunning(ground, { network, endpoint }, request);
    throw error;
  }
}

/** The row that stands for the network "none". */
function leaveNone(ground: Ground, owner: string): void {
  ground.db.run("DELETE FROM endpoints WHERE owner = ? AND interface = ''", owner);
}

async function unplugRunning(ground: Ground, { network, endpoint }: Place, request: NetworkRequest): Promise<void> {
  const before = orderedPlaces(ground, request.owner);
  using host = new NetlinkSocket();
  removeCable(host, endpoint);
  dropLinks(ground, endpoint);
  ground.db.run("DELETE FROM endpoints WHERE endpoint_id = ?", endpoint.endpoint_id);
  await settle(ground, request, before, network);
  await retireIdleBridges(ground);
}

/** Routes, names, ports and files follow what the container is on now. */
async function settle(ground: Ground, request: NetworkRequest, before: readonly Place[], changed: NetworkRecord): Promise<void> {
  const path = join(ground.paths.netns, request.owner);
  const after = orderedPlaces(ground, request.owner);
  using inside = openNamespace(path);
  routeOut(
    inside.socket,
    after.map((each) => each.endpoint),
  );
  leadToResolver(path, after);
  await followPorts(ground, request, after);
  await tellNeighbours(ground, changed);
  rewriteFiles(ground, request, before, after);
}
