/**
 * 127.0.0.11 inside a container: the address under which docker's name server answers on user networks, so that it is
 * written into configurations (nginx: `resolver 127.0.0.11`). Rules of the container's own namespace lead it to the
 * gateway, where the name server answers (server.ts).
 */
import { EngineError } from "../../errors.ts";
import { runNftIn } from "../../sys/nft.ts";
import { type Address, formatAddress } from "../address/index.ts";
import { enterNamespace } from "../kernel/index.ts";
import { type NetworkRecord, subnetsOf } from "../records/index.ts";
import { servesNames } from "./dns.ts";

export const resolverAddress = "127.0.0.11";

/** Lets a namespace's loopback addresses be translated to others (ip-sysctl: route_localnet). */
const settings = { "ipv4/conf/all/route_localnet": "1" };

/**
 * The table; made anew when it is there. `raw` keeps neighbours from reaching the container's loopback, which
 * route_localnet would let in. Pure.
 * @param gateway IPv4 address of the name server
 */
function resolverScript(gateway: Address): string {
  const server = formatAddress(gateway);
  const chains = [
    `chain raw { type filter hook prerouting priority -300; policy accept; iifname != "lo" ip daddr 127.0.0.0/8 drop; }`,
    `chain output { type nat hook output priority -100; policy accept; ip daddr ${resolverAddress} meta l4proto { tcp, udp } th dport 53 dnat to ${server}; }`,
    `chain postrouting { type nat hook postrouting priority 100; policy accept; ip saddr 127.0.0.0/8 ip daddr ${server} masquerade; }`,
  ];
  return `add table ip berth_resolver\ndelete table ip berth_resolver\ntable ip berth_resolver {\n${chains.join("\n")}\n}\n`;
}

type Places = readonly { network: NetworkRecord }[];

/**
 * Where the container's questions go: the gateway of its first network that serves names.
 * @param places in the order in which they provide the way out
 */
export function nameServerOf(places: Places): Address | undefined {
  const network = places.find((place) => servesNames(place.network))?.network;
  return network && subnetsOf(network.spec).find(({ gateway }) => gateway.family === 4)?.gateway;
}

/**
 * Leads 127.0.0.11 of a namespace to the name server of its networks, if one of them has any.
 * @param path the namespace's file
 * @throws EngineError `network`
 */
export function leadToResolver(path: string, places: Places): void {
  const gateway = nameServerOf(places);
  if (!gateway) return;
  const { ok, error } = enterNamespace(path, settings, () => runNftIn(resolverScript(gateway)));
  if (!ok) throw new EngineError("network", `cannot lead ${resolverAddress} to the network's name server: ${error}`);
}
