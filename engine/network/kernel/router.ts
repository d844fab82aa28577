/**
 * The host as a router. Containers need it to forward, which it then does for everybody: a neighbour of the host could send
 * through it what it was never meant to pass. So when berth itself turns forwarding on, a table of its own drops what
 * neither comes from nor goes to one of its bridges, as docker's FORWARD policy does. When forwarding was on already,
 * somebody wants it, and nothing is touched. The table says that it was berth, of whatever state directory; with the
 * last bridge it goes, and forwarding is off again.
 *
 * What a bridge of others passes from port to port counts as forwarded where br_netfilter is on, as it does for docker.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { lockFile } from "../../state/locks.ts";
import type { NetlinkSocket } from "../../sys/netlink.ts";
import { hasTable } from "../../sys/netlink-nftables.ts";
import { listLinks } from "../../sys/netlink-route.ts";
import { runNft } from "../../sys/nft.ts";
import { apply } from "./firewall.ts";
import { isInterfaceName } from "./ruleset.ts";

export const routerTable = "berth_router";

/** By family: nft's word for it, and the switch below /proc/sys/net. */
const routers = {
  4: { nft: "ip", sysctl: "ipv4/ip_forward" },
  6: { nft: "ip6", sysctl: "ipv6/conf/all/forwarding" },
} as const;

type Family = keyof typeof routers;

const switchOf = (family: Family) => `/proc/sys/net/${routers[family].sysctl}`;
const isOn = (family: Family) => readFileSync(switchOf(family), "utf8").trim() !== "0";
/** Says that this state directory made the table; with a dot, as the marks of bridges are named after them. */
const markOf = (ground: Ground, family: Family) => join(ground.paths.network, `.router${family}`);

/** True when berth turned forwarding on, and drops what is not its own. */
export function guardsRouter(family: Family): boolean {
  return hasTable(routers[family].nft, routerTable);
}

/** The table with its bridges; made anew when it is there. Pure. */
export function routerScript(family: Family, bridges: readonly string[]): string {
  const table = `${routers[family].nft} ${routerTable}`;
  const body = [
    `set bridges { type ifname; ${bridges.length > 0 ? `elements = { ${listed(bridges)} };` : ""} }`,
    "chain forward { type filter hook forward priority 0; policy drop; iifname @bridges accept; oifname @bridges accept; }",
  ];
  return `add table ${table}\ndelete table ${table}\ntable ${table} {\n${body.map((part) => `  ${part}`).join("\n")}\n}\n`;
}

function listed(bridges: readonly string[]): string {
  const unfit = bridges.find((bridge) => !isInterfaceName(bridge));
  if (unfit !== undefined) throw new EngineError("internal", `not fit for a rule: ${JSON.stringify(unfit)}`);
  return bridges.map((bridge) => `"${bridge}"`).join(", ");
}

/**
 * Lets the host forward for a bridge that is being made. The caller holds the host's lock.
 * @throws EngineError `network`
 */
export function openRouter(ground: Ground, socket: NetlinkSocket, bridge: string, families: Iterable<Family>): void {
  for (const family of families) {
    const { nft } = routers[family];
    if (!isOn(family)) turnOn(ground, socket, bridge, family);
    else if (guardsRouter(family)) apply(`add element ${nft} ${routerTable} bridges { ${listed([bridge])} }\n`, "let the bridge forward");
    else rmSync(markOf(ground, family), { force: true }); // somebody else turned it on since
  }
}

/** The same for a bridge that is up: someone may have turned forwarding off, or flushed all rules. Cheap when nobody has. */
export async function mendRouter(ground: Ground, socket: NetlinkSocket, bridge: string, families: Iterable<Family>): Promise<void> {
  for (const family of families) {
    if (isOn(family) && (!isMarked(ground, family) || guardsRouter(family))) continue;
    using _ = await lockFile(ground.paths.hostLock);
    turnOn(ground, socket, bridge, family);
  }
}

function isMarked(ground: Ground, family: Family): boolean {
  try {
    return readFileSync(markOf(ground, family)) !== undefined;
  } catch {
    return false;
  }
}

/** First the table, then the switch. Bridges of other state directories that are up already belong in it too. */
function turnOn(ground: Ground, socket: NetlinkSocket, bridge: string, family: Family): void {
  const others = listLinks(socket).map(({ name }) => name);
  const own = others.filter((name) => /^(berth0|berth-[0-9a-f]{8}|bt-[0-9a-f]{12})$/.test(name));
  apply(routerScript(family, [...new Set([bridge, ...own])]), "keep the host from forwarding for everybody");
  writeFileSync(markOf(ground, family), "", { mode: 0o600 });
  writeSwitch(family, "1");
}

function writeSwitch(family: Family, value: string): void {
  try {
    writeFileSync(switchOf(family), value);
  } catch (cause) {
    const name = routers[family].sysctl.replaceAll("/", ".");
    throw new EngineError("network", `cannot set net.${name}: ${(cause as Error).message}`, { cause });
  }
}

/** After a bridge went: with the last one, forwarding is off again, where berth turned it on. Idempotent. */
export async function closeRouter(ground: Ground, socket: NetlinkSocket, bridge: string): Promise<void> {
  for (const family of [4, 6] as const) {
    if (!guardsRouter(family)) continue;
    using _ = await lockFile(ground.paths.hostLock);
    const table = `${routers[family].nft} ${routerTable}`;
    const links = new Set(listLinks(socket).map(({ name }) => name));
    const listing = runNft(`list set ${table} bridges\n`).output;
    const used = [...listing.matchAll(/"([^"]+)"/g)].some(([, name = ""]) => name !== bridge && links.has(name));
    if (used) {
      runNft(`delete element ${table} bridges { ${listed([bridge])} }\n`); // it may never have been in it
      continue;
    }
    writeSwitch(family, "0");
    apply(`delete table ${table}\n`, "give forwarding back");
  }
}

/**
 * The same for `sh`, which removes a bridge later: a function of the family's word and its switch. It finds nft in $nft, ip
 * in $ip and the bridge in $bridge, and its caller holds the host's lock.
 */
export const closeRouterScript = `
close_router() {
  listing=$("$nft" list set "$1" ${routerTable} bridges 2>/dev/null) || return 0
  for name in $(printf %s "$listing" | grep -o '"[^"]*"' | tr -d '"'); do
    if [ "$name" != "$bridge" ] && "$ip" link show "$name" >/dev/null 2>&1; then
      "$nft" delete element "$1" ${routerTable} bridges "{ "$bridge" }" 2>/dev/null
      return 0
    fi
  done
  echo 0 >"/proc/sys/net/$2"
  "$nft" delete table "$1" ${routerTable}
}
${Object.values(routers)
  .map(({ nft, sysctl }) => `close_router ${nft} ${sysctl}`)
  .join("\n")}`;
