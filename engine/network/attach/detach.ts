/** Takes a container's network back: removes everything recorded under its owner, as far as it exists. */
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { lock } from "../../state/locks.ts";
import { NetlinkSocket } from "../../sys/netlink.ts";
import { forgetUdpFlows } from "../../sys/netlink-conntrack.ts";
import { stopForwarder } from "../forward/index.ts";
import { removeNamespace, unpublish } from "../kernel/index.ts";
import { tellNeighbours } from "../names/index.ts";
import { endpointsOf, networkById, type PortRecord, portsOf } from "../records/index.ts";
import { hasRaisedBridges, retireIdleBridges } from "./bridge.ts";
import { unplug } from "./plumbing.ts";
import { hasTraces } from "./traces.ts";

/** See attachment.ts. */
export async function detach(ground: Ground, owner: string, onForget?: () => void): Promise<void> {
  if (!hasTraces(ground, owner) && !hasRaisedBridges(ground)) return;
  using _ = await lock(ground, "network");
  await undoAttachment(ground, owner, onForget);
}

/** The same with the "network" lock held. The rows go last: until then a crash leaves them for the next call. */
export async function undoAttachment(ground: Ground, owner: string, onForget?: () => void): Promise<void> {
  const endpoints = endpointsOf(ground, owner);
  const ports = portsOf(ground, owner);
  await stopForwarder(ground, owner);
  takePortsBack(ground, ports);
  const cables = endpoints.filter((endpoint) => endpoint.interface !== "");
  if (cables.length > 0) {
    using host = new NetlinkSocket();
    for (const endpoint of cables) unplug(host, endpoint);
  }
  removeNamespace(join(ground.paths.netns, owner));
  ground.db.transaction(() => {
    onForget?.();
    ground.db.run("DELETE FROM ports WHERE owner = ?", owner);
    ground.db.run("DELETE FROM endpoints WHERE owner = ?", owner);
  });
  for (const { network: id } of endpoints) {
    const network = networkById(ground, id);
    if (network) await tellNeighbours(ground, network);
  }
  await retireIdleBridges(ground);
}

/** Removes the ports' map elements, and the UDP flows that still lead through them. */
function takePortsBack(ground: Ground, ports: readonly PortRecord[]): void {
  for (const id of new Set(ports.map(({ network }) => network))) {
    const network = networkById(ground, id);
    if (network)
      unpublish(
        network,
        ports.filter((port) => port.network === id),
      );
  }
  const udp = new Set(ports.filter(({ protocol }) => protocol === "udp").map(({ host_port }) => host_port));
  if (udp.size > 0) forgetUdpFlows(udp);
}
