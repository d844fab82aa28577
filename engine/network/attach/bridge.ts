/**
 * A network's bridge and rules on this host: made when its first endpoint comes, gone soon after its last one left,
 * so that nothing is left when nothing runs. Callers hold the "network" lock.
 */
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { findProgram, spawnProcess } from "../../process/spawn.ts";
import type { Ground } from "../../state/ground.ts";
import { lockFile } from "../../state/locks.ts";
import { LOCK, tryFlock } from "../../sys/libc.ts";
import { NetlinkSocket } from "../../sys/netlink.ts";
import { deleteLink, linkIndex, linkMtu, listRoutes, newAddress, newBridge, setLinkUp } from "../../sys/netlink-route.ts";
import { addressBytes, broadcastOf, hostSubnets, macOf, overlaps, parseMac } from "../address/index.ts";
import {
  closeForwarding,
  closeRouter,
  closeRouterScript,
  ensureTable,
  isInterfaceName,
  mendRouter,
  openForwarding,
  openRouter,
  removeTable,
} from "../kernel/index.ts";
import { writeNames } from "../names/index.ts";
import { familiesOf, moveDefaultSubnet, type NetworkRecord, networkById, subnetsOf, tableOf } from "../records/index.ts";

/** A network that is up. */
export interface LiveNetwork {
  network: NetworkRecord;
  /** Interface index of the bridge. */
  index: number;
  /** Bytes; undefined for the kernel's default. */
  mtu: number | undefined;
}

/**
 * Brings a network up, or finds it up; restores what somebody removed (addresses, rules, switches).
 * @throws EngineError `network`
 */
export async function raiseBridge(ground: Ground, network: NetworkRecord, socket: NetlinkSocket): Promise<LiveNetwork> {
  const { bridge } = network;
  if (!isInterfaceName(bridge)) throw new EngineError("invalid", `invalid bridge name ${JSON.stringify(bridge)}`);
  writeFileSync(join(ground.paths.network, bridge), network.spec.Id);
  const mtu = mtuOf(network, socket);
  let index = linkIndex(socket, bridge);
  if (index === undefined) ({ network, index } = await makeBridge(ground, network, socket, mtu));
  else {
    configure(network, index, socket);
    await mendRouter(ground, socket, bridge, familiesOf(network));
  }
  ensureTable(ground, network);
  await openForwarding(bridge);
  return { network, index, mtu };
}

/** Makes the bridge while no other state directory chooses a subnet. */
async function makeBridge(
  ground: Ground,
  network: NetworkRecord,
  socket: NetlinkSocket,
  mtu: number | undefined,
): Promise<{ network: NetworkRecord; index: number }> {
  using _ = await lockFile(ground.paths.hostLock);
  if (network.spec.Name === "bridge") {
    const taken = hostSubnets();
    if (subnetsOf(network.spec).some((subnet) => taken.some((other) => overlaps(subnet.network, other))))
      network = moveDefaultSubnet(ground, network, taken);
  }
  const [first] = subnetsOf(network.spec);
  const mac = first && parseMac(macOf(first.gateway));
  if (!mac) throw new EngineError("network", `network "${network.spec.Name}" has no subnet`);
  try {
    socket.request(newBridge(network.bridge, mac, mtu));
    const index = linkIndex(socket, network.bridge) ?? 0;
    configure(network, index, socket);
    openRouter(ground, socket, network.bridge, familiesOf(network));
    return { network, index };
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("network", `cannot make bridge "${network.bridge}": ${(cause as Error).message}`, { cause });
  }
}

/** Switches first: an interface that comes up with them off would wait a second for its IPv6 address. */
function configure(network: NetworkRecord, index: number, socket: NetlinkSocket): void {
  writeSwitches(network);
  const addresses = subnetsOf(network.spec).map(({ network: subnet, gateway }) =>
    newAddress(index, addressBytes(gateway), subnet.prefix, subnet.family === 4 ? addressBytes(broadcastOf(subnet)) : undefined),
  );
  socket.request(...addresses, setLinkUp(network.bridge));
}

/** 127.0.0.1 of the host may be translated to a container (ip-sysctl: route_localnet). */
function writeSwitches({ bridge, spec }: NetworkRecord): void {
  const ipv6 = subnetsOf(spec).some(({ network }) => network.family === 6);
  const switches: Record<string, string> = {
    [`ipv4/conf/${bridge}/route_localnet`]: "1",
    [`ipv6/conf/${bridge}/disable_ipv6`]: ipv6 ? "0" : "1",
  };
  if (ipv6)
    Object.assign(switches, {
      [`ipv6/conf/${bridge}/accept_dad`]: "0",
      [`ipv6/conf/${bridge}/accept_ra`]: "0",
    });
  for (const [name, value] of Object.entries(switches)) {
    const file = `/proc/sys/net/${name}`;
    try {
      if (readFileSync(file, "utf8").trim() !== value) writeFileSync(file, value);
    } catch (cause) {
      if (name.startsWith("ipv6") && !ipv6) continue; // a kernel without IPv6 has nothing to switch off
      throw new EngineError("network", `cannot set net.${name.replaceAll("/", ".")}: ${(cause as Error).message}`, { cause });
    }
  }
}

/** The network's own option, else the default route's when it is smaller than the usual: a tunnel, a cloud. */
function mtuOf({ spec }: NetworkRecord, socket: NetlinkSocket): number | undefined {
  const option = Number(spec.Options["com.docker.network.driver.mtu"]);
  if (option > 0) return option;
  const way = listRoutes(socket, 4).find((route) => route.prefix === 0);
  const mtu = way && linkMtu(socket, way.index);
  return mtu && mtu < 1500 ? mtu : undefined;
}

/** How long an unused bridge waits for the next container: deleting one takes the kernel 30 ms, making one 1 ms. */
const grace = 3;

/**
 * Waits, takes the locks that fd 3 and 5 stand for, and removes what is not in use again; fd 4 says that it is on its way.
 * Arguments: mark, table, bridge, nft (or nothing), ip.
 */
const retire = `bridge=$3 nft=$4 ip=$5
sleep ${grace}; flock 3
if [ ! -e "$1" ]; then
  if [ -n "$nft" ]; then
    "$nft" delete table inet "$2"
    flock 5
    ${closeRouterScript}
    flock -u 5
  fi
  "$ip" link delete "$bridge"
fi
exec 4>&-`;

/** Marks of bridges that are up: files named after them. */
function marks(ground: Ground): string[] {
  const entries = readdirSync(ground.paths.network, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && isInterfaceName(entry.name)).map(({ name }) => name);
}

export function hasRaisedBridges(ground: Ground): boolean {
  void ground.db; // makes the directory
  return marks(ground).length > 0;
}

/** Networks without endpoints go down: their rules and bridge are removed a little later by a process of their own. */
export async function retireIdleBridges(ground: Ground): Promise<void> {
  for (const bridge of marks(ground)) {
    const file = join(ground.paths.network, bridge);
    const network = networkById(ground, readFileSync(file, "utf8"));
    if (!network) rmSync(file, { force: true });
    else if (!ground.db.get("SELECT 1 FROM endpoints WHERE network = ? LIMIT 1", network.spec.Id)) {
      await writeNames(ground, network); // a detachment that was killed may have left them
      await retireBridge(ground, network);
      rmSync(file, { force: true }); // last: until then a crash leaves the rest to the next call
    }
  }
}

async function retireBridge(ground: Ground, network: NetworkRecord): Promise<void> {
  await closeForwarding(network.bridge);
  const pending = openSync(join(ground.paths.locks, `retire-${network.spec.Id}`), "w", 0o600);
  const turn = openSync(join(ground.paths.locks, "network"), "w", 0o600);
  const host = openSync(ground.paths.hostLock, "w", 0o600);
  try {
    if (!tryFlock(pending, LOCK.EX)) return; // one is already waiting
    const [sh, ip, flock, nft] = ["sh", "ip", "flock", "nft"].map((name) => findProgram(name));
    if (!sh || !ip || !flock) return await lowerBridge(ground, network);
    if (!nft) await withdrawRules(ground, network);
    const args = [join(ground.paths.network, network.bridge), tableOf(network.spec), network.bridge, nft ?? "", ip];
    spawnProcess(sh, ["-c", retire, "berth-retire", ...args], {
      stdio: ["ignore", "ignore", "ignore", turn, pending, host],
      detached: true,
    }).unref();
  } finally {
    for (const fd of [turn, pending, host]) closeSync(fd);
  }
}

/** Removes a network's rules and bridge at once. Idempotent. */
export async function lowerBridge(ground: Ground, network: NetworkRecord): Promise<void> {
  await writeNames(ground, network);
  if (network.spec.Driver === "bridge") {
    await closeForwarding(network.bridge);
    await withdrawRules(ground, network);
    using socket = new NetlinkSocket();
    socket.request(deleteLink(network.bridge));
  }
  rmSync(join(ground.paths.network, network.bridge), { force: true });
}

async function withdrawRules(ground: Ground, network: NetworkRecord): Promise<void> {
  removeTable(network);
  using socket = new NetlinkSocket();
  await closeRouter(ground, socket, network.bridge);
}
