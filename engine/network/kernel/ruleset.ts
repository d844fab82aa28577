/**
 * The text of a network's nft rules: one table per network, made once; a container costs one map element per published
 * port. Pure. Nothing but ids, numbers, validated interface names and addresses goes in: never a user's text.
 */
import { EngineError } from "../../errors.ts";
import { type Address, type Cidr, formatAddress, formatCidr, parseAddress } from "../address/index.ts";
import type { PortRecord } from "../records/index.ts";

export interface RulesetInput {
  /** nft identifier. */
  table: string;
  /** Bridge interface. */
  bridge: string;
  subnets: readonly Cidr[];
  /** No way in or out: no address translation, nothing forwarded beyond the bridge. */
  internal: boolean;
  masquerade: boolean;
  /** Containers of the network may talk to each other. */
  icc: boolean;
}

const interfaceName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/;
const identifier = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Interface names that may appear in a script and in /proc paths. */
export function isInterfaceName(name: string): boolean {
  return interfaceName.test(name);
}

/** A last line of defence: callers have validated before, so a failure is a bug and not a user's mistake. */
function vet({ table, bridge }: { table: string; bridge?: string }): void {
  if (identifier.test(table) && (bridge === undefined || isInterfaceName(bridge))) return;
  throw new EngineError("internal", `not fit for a rule: ${JSON.stringify({ table, bridge })}`);
}

/** nft's keyword for a family in `dnat … to`, `saddr`, and the type of its addresses. */
const words = { 4: { ip: "ip", type: "ipv4_addr", suffix: "4" }, 6: { ip: "ip6", type: "ipv6_addr", suffix: "6" } } as const;

/**
 * The whole table. Adding it when it exists would double the rules, so it is made anew: `add` then `delete` first.
 * Chains: `raw` keeps neighbours from reaching the host's loopback through route_localnet; `prerouting` and `output`
 * send what is addressed to the host to the published ports; `postrouting` hides containers behind the host; `forward`
 * lets in only answers, neighbours and published ports.
 */
export function tableScript(input: RulesetInput): string {
  vet(input);
  const { table, bridge } = input;
  const families = ([4, 6] as const).filter((family) => input.subnets.some((subnet) => subnet.family === family));
  const body = [
    ...families.flatMap((family) => {
      const { type, suffix } = words[family];
      return [
        `map published${suffix} { type inet_proto . inet_service : ${type} . inet_service; }`,
        `map bound${suffix} { type ${type} . inet_proto . inet_service : ${type} . inet_service; }`,
      ];
    }),
    chain("publish", undefined, families.flatMap(publishRules)),
    chain("raw", "type filter hook prerouting priority -300; policy accept;", [`iifname "${bridge}" ip daddr 127.0.0.0/8 drop`]),
    ...(input.internal ? [] : natChains(input)),
    chain("forwarding", "type filter hook forward priority 0; policy accept;", forwardRules(input)),
  ];
  return `add table inet ${table}\ndelete table inet ${table}\ntable inet ${table} {\n${body.map((part) => `  ${part}`).join("\n")}\n}\n`;
}

function chain(name: string, hook: string | undefined, rules: readonly string[]): string {
  return `chain ${name} { ${[...(hook ? [hook] : []), ...rules].join("\n    ")}\n  }`;
}

function publishRules(family: 4 | 6): string[] {
  const { ip, suffix } = words[family];
  return [
    // What comes from ::1 cannot leave the host, as there is no route_localnet for IPv6: a forwarder takes it (forward/start.ts).
    ...(family === 6 ? ["ip6 daddr ::1 return"] : []),
    `meta nfproto ipv${family} dnat ${ip} to ${ip} daddr . meta l4proto . th dport map @bound${suffix}`,
    `meta nfproto ipv${family} dnat ${ip} to meta l4proto . th dport map @published${suffix}`,
  ];
}

function natChains({ bridge, subnets, masquerade }: RulesetInput): string[] {
  const postrouting = subnets.flatMap((subnet) => {
    const from = `${words[subnet.family].ip} saddr ${formatCidr(subnet)}`;
    // A container that reaches a neighbour, or itself, through the host's port must see the answer come back that way.
    return [...(masquerade ? [`${from} oifname != "${bridge}" masquerade`] : []), `${from} oifname "${bridge}" ct status dnat masquerade`];
  });
  if (subnets.some(({ family }) => family === 4)) postrouting.push(`ip saddr 127.0.0.0/8 oifname "${bridge}" masquerade`);
  return [
    chain("prerouting", "type nat hook prerouting priority -100; policy accept;", ["fib daddr type local jump publish"]),
    chain("output", "type nat hook output priority -100; policy accept;", ["fib daddr type local jump publish"]),
    chain("postrouting", "type nat hook postrouting priority 100; policy accept;", postrouting),
  ];
}

function forwardRules({ bridge, internal, icc }: RulesetInput): string[] {
  const to = `oifname "${bridge}"`;
  if (internal) return [`iifname "${bridge}" ${to} ${icc ? "accept" : "drop"}`, `${to} drop`, `iifname "${bridge}" drop`];
  return [
    `${to} ct state established,related accept`,
    `${to} ct status dnat accept`,
    ...(icc ? [`iifname "${bridge}" ${to} accept`] : []),
    // Other bridges and the outside: only published ports get in.
    `${to} drop`,
  ];
}

/** Where a published port leads. */
export type PublishedPort = Pick<PortRecord, "protocol" | "host_ip" | "host_port" | "container_port">;

const isUnspecified = (ip: string) => ip === "" || ip === "0.0.0.0" || ip === "::";

/** Which map holds a port, and its key. */
function keyOf({ host_ip, protocol, host_port }: PublishedPort, family: 4 | 6): { map: string; key: string } {
  const address = parseAddress(host_ip);
  if (!Number.isInteger(host_port) || !["tcp", "udp", "sctp"].includes(protocol) || (!address && host_ip !== ""))
    throw new EngineError("internal", `not fit for a rule: ${JSON.stringify({ host_ip, protocol, host_port })}`);
  const { suffix } = words[family];
  if (isUnspecified(host_ip) || !address) return { map: `published${suffix}`, key: `${protocol} . ${host_port}` };
  return { map: `bound${suffix}`, key: `${formatAddress(address)} . ${protocol} . ${host_port}` };
}

/** The family of a published port: that of the host address it is bound to. */
export function familyOf(hostIp: string): 4 | 6 {
  return hostIp.includes(":") ? 6 : 4;
}

/** An endpoint's addresses by family: where published ports lead. */
export function addressesOf(endpoint: { ipv4: string; ipv6: string }): Partial<Record<4 | 6, Address>> {
  const found: Partial<Record<4 | 6, Address>> = {};
  for (const text of [endpoint.ipv4, endpoint.ipv6]) {
    const address = parseAddress(text);
    if (address) found[address.family] = address;
  }
  return found;
}

export function addPortScript(table: string, port: PublishedPort, target: Address): string {
  vet({ table });
  const { map, key } = keyOf(port, target.family);
  return `add element inet ${table} ${map} { ${key} : ${formatAddress(target)} . ${port.container_port} }\n`;
}

export function deletePortScript(table: string, port: PublishedPort): string {
  vet({ table });
  const { map, key } = keyOf(port, familyOf(port.host_ip));
  return `delete element inet ${table} ${map} { ${key} }\n`;
}

export function deleteTableScript(table: string): string {
  vet({ table });
  return `add table inet ${table}\ndelete table inet ${table}\n`;
}
