/** Packets between containers and the world pass through this host: IPv4 forwarding, and no firewall that drops them. */
import { readFileSync } from "node:fs";
import { runNft } from "../../sys/nft.ts";
import { type Check, ok, warning } from "../check.ts";

/** The first chain hooked into forward whose policy is drop, in an `nft list chains` listing. Pure. */
export function droppingChain(listing: string): string | undefined {
  let table = "";
  let chain = "";
  for (const line of listing.split("\n")) {
    table = /^table (.*) \{/.exec(line)?.[1] ?? table;
    chain = /^\tchain (.*) \{/.exec(line)?.[1] ?? chain;
    if (/hook forward .*policy drop/.test(line)) return `${table} ${chain}`;
  }
  return undefined;
}

export const forwarding: Check = {
  name: "forwarding",
  run() {
    const enabled = readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim() === "1";
    const dropping = droppingChain(runNft("list chains").output);
    if (dropping && !dropping.includes("berth")) {
      return warning(
        `the chain "${dropping}" drops forwarded packets by default: containers may not reach other machines`,
        `nft add rule ${dropping} iifname "berth*" accept; nft add rule ${dropping} oifname "berth*" accept`,
      );
    }
    // The first container on a bridge turns it on, as docker does; saying so beats a warning nobody can act on.
    return ok(enabled ? "net.ipv4.ip_forward is on" : "net.ipv4.ip_forward is off; the first container on a bridge network turns it on");
  },
};
