/**
 * Published ports of a container: held on the host and led to its place on the network that provides the way out. An
 * internal network publishes nothing. While a container runs they follow from network to network; while there is none
 * to lead to they stay held (a row without a network), so that they are the same when one comes.
 */
import { closeSync } from "node:fs";
import type { PortBinding } from "../../docker.ts";
import type { Ground } from "../../state/ground.ts";
import { forgetUdpFlows } from "../../sys/netlink-conntrack.ts";
import { canForward, canHold, redirectForwarder, startForwarder, stopForwarder } from "../forward/index.ts";
import { addressesOf, familyOf, publish, unpublish } from "../kernel/index.ts";
import { familiesOf, networkById, type Place, portsOf } from "../records/index.ts";
import type { NetworkRequest } from "../types.ts";
import { type HeldPort, holdPort, planPorts, portKey } from "./ports.ts";

/** Where ports lead: the first place, unless it is on an internal network. */
function outletOf([first]: readonly Place[]): Place | undefined {
  return first && !first.network.spec.Internal ? first : undefined;
}

/**
 * Publishes what a starting container asks for; its monitor is to inherit the sockets. IPv6 ports go to a forwarder; rules
 * take most of what a network with IPv6 gets before it.
 * @param places in the order in which they provide the way out
 * @param held takes what was held so far, also when this fails
 * @returns published and exposed ports as inspect shows them
 * @throws EngineError `port-in-use`
 */
export async function holdAndPublish(
  ground: Ground,
  request: NetworkRequest,
  places: readonly Place[],
  held: HeldPort[],
): Promise<Record<string, PortBinding[] | null>> {
  const outlet = outletOf(places);
  if (outlet && (await hold(ground, request, outlet, held)))
    await forward(ground, outlet, held, ({ record }) => familyOf(record.host_ip) === 6);
  return shownPorts(request, held);
}

function shownPorts(request: NetworkRequest, held: readonly HeldPort[]): Record<string, PortBinding[] | null> {
  const shown: Record<string, PortBinding[] | null> = Object.fromEntries(request.exposed.map((key) => [portKey(key), null]));
  for (const { record } of held) {
    (shown[`${record.container_port}/${record.protocol}`] ??= []).push({ HostIp: record.host_ip, HostPort: String(record.host_port) });
  }
  return shown;
}

/** @returns whether a forwarder has to take IPv6 ports */
async function hold(ground: Ground, request: NetworkRequest, { network, endpoint }: Place, held: HeldPort[]): Promise<boolean> {
  if (Object.keys(request.ports).length === 0 && !request.publishAll) return false;
  const reach = { families: familiesOf(network), forwards: await canForward(ground) };
  const wanted = planPorts(request, reach, network.spec.Options["com.docker.network.bridge.host_binding_ipv4"]);
  for (const port of wanted)
    held.push(...holdPort(ground, { owner: request.owner, network: network.spec.Id, name: request.name || request.owner }, port));
  const records = held.map(({ record }) => record);
  publish(network, records, addressesOf(endpoint));
  const udp = new Set(records.filter(({ protocol }) => protocol === "udp").map(({ host_port }) => host_port));
  if (udp.size > 0) forgetUdpFlows(udp);
  return reach.forwards;
}

/** Gives sockets to a forwarder, which holds them alone from now on. */
async function forward(ground: Ground, { endpoint }: Place, held: readonly HeldPort[], which: (port: HeldPort) => boolean): Promise<void> {
  const ports = held.flatMap((port) => {
    const { protocol, container_port } = port.record;
    return port.fd >= 0 && protocol !== "sctp" && which(port) ? [{ port, forward: { protocol, fd: port.fd, port: container_port } }] : [];
  });
  if (ports.length === 0) return;
  await startForwarder(
    ground,
    endpoint.owner,
    ports.map((each) => each.forward),
    endpoint.ipv4,
  );
  for (const { port } of ports) {
    closeSync(port.fd);
    port.fd = -1;
  }
}

/**
 * Leads the ports of a running container to where its way out is now. Recorded first: a change that is killed half way is
 * made again by the next command.
 * @param places in the order in which they provide the way out
 * @throws EngineError `port-in-use` when a container that was on internal networks alone gets a way out
 */
export async function followPorts(ground: Ground, request: NetworkRequest, places: readonly Place[]): Promise<void> {
  const to = outletOf(places);
  const ports = portsOf(ground, request.owner);
  if (ports.length === 0) return to && publishLate(ground, request, to);
  const target = to?.network.spec.Id ?? "";
  const left = ports.filter(({ network }) => network !== target);
  if (left.length === 0) return;
  ground.db.run("UPDATE ports SET network = ? WHERE owner = ?", target, request.owner);
  if (to) publish(to.network, left, addressesOf(to.endpoint));
  redirectForwarder(ground, request.owner, to?.endpoint.ipv4 ?? "");
  for (const id of new Set(left.map(({ network }) => network))) {
    const from = networkById(ground, id);
    if (from) unpublish(from, left);
  }
}

/** Its monitor runs already and can inherit nothing: a forwarder holds the sockets, though rules take the traffic before it. */
async function publishLate(ground: Ground, request: NetworkRequest, to: Place): Promise<void> {
  const held: HeldPort[] = [];
  try {
    await hold(ground, request, to, held);
    if (await canHold(ground)) await forward(ground, to, held, () => true);
  } catch (error) {
    await stopForwarder(ground, request.owner);
    unpublish(
      to.network,
      held.map(({ record }) => record),
    );
    ground.db.run("DELETE FROM ports WHERE owner = ?", request.owner);
    throw error;
  } finally {
    for (const { fd } of held) if (fd >= 0) closeSync(fd);
  }
}
