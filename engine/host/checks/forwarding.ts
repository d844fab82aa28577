/** Packets between containers and the world pass through this host: IPv4 forwarding, and no firewall that drops them. */
import { readFileSync } from "node:fs";
import { guardsRouter, routerTable } from "../../network/kernel/index.ts";
import { runNft } from "../../sys/nft.ts";
import { type Check, type Finding, ok, warning } from "../check.ts";

/** The first chain of others that is hooked into forward with the policy drop, in an `nft list chains` listing. Pure. */
export function droppingChain(listing: string): string | undefined {
  let table = "";
  let chain = "";
  for (const line of listing.split("\n")) {
    table = /^table (.*) \{/.exec(line)?.[1] ?? table;
    chain = /^\tchain (.*) \{/.exec(line)?.[1] ?? chain;
    if (/hook forward .*policy drop/.test(line) && !table.endsWith(` ${routerTable}`)) return `${table} ${chain}`;
  }
  return undefined;
}

/** @param guarded berth turned forwarding on and keeps the rest from passing. Pure. */
export function judgeForwarding(enabled: boolean, guarded: boolean, dropping: string | undefined): Finding {
  if (dropping) {
    return warning(
      `the chain "${dropping}" drops forwarded packets by default: containers may not reach other machines`,
      `nft add rule ${dropping} iifname "berth*" accept; nft add rule ${dropping} oifname "berth*" accept`,
    );
  }
  if (guarded) {
    return ok(
      `net.ipv4.ip_forward was turned on by berth, for its own networks: table "ip ${routerTable}" drops what others send through this host; both go with the last bridge`,
    );
  }
  // The first container on a bridge turns it on, as docker does; saying so beats a warning nobody can act on.
  return ok(
    enabled
      ? "net.ipv4.ip_forward was on before berth, which leaves it alone"
      : "net.ipv4.ip_forward is off; the first container on a bridge network turns it on, for berth's networks alone",
  );
}

export const forwarding: Check = {
  name: "forwarding",
  run() {
    const enabled = readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim() === "1";
    return judgeForwarding(enabled, guardsRouter(4), droppingChain(runNft("list chains").output));
  },
};
