/** The firewall: libnftables loads, and this kernel takes a table with NAT. Tried in one transaction that leaves nothing. */
import { hasNft, runNft } from "../../sys/nft.ts";
import { type Check, error, ok } from "../check.ts";
import { installCommand } from "../remedy.ts";

const packages = { apt: "libnftables1", dnf: "nftables", pacman: "nftables", zypper: "libnftables1", apk: "nftables" };

/** A table of our own with what published ports need: a NAT chain and a map from ports to addresses. */
function trial(name: string): string {
  return [
    `add table ip ${name}`,
    `add map ip ${name} ports { type inet_service : ipv4_addr . inet_service ; }`,
    `add chain ip ${name} output { type nat hook output priority -100 ; }`,
    `add rule ip ${name} output fib daddr type local dnat ip to tcp dport map @ports`,
    `delete table ip ${name}`,
  ].join("\n");
}

export const nft: Check = {
  name: "nft",
  run() {
    if (!hasNft()) return error("libnftables.so.1 cannot be loaded: only the networks none and host work", installCommand(packages));
    const { ok: done, error: text } = runNft(trial(`berth_doctor_${process.pid}`));
    if (!done)
      return error(
        `this kernel refuses a NAT table: ${text.split("\n")[0]}`,
        "modprobe nf_tables nft_chain_nat nft_fib_ipv4, or boot a kernel that has them",
      );
    return ok("libnftables loads, and this kernel takes NAT tables with maps");
  },
};
