/** Flags about the network: mode, addresses, aliases, DNS, extra hosts. */
import { EngineError } from "../../../../engine/errors.ts";
import type { EndpointSettings, HostConfig, ProgressEvent } from "../../../../engine/index.ts";
import type { Input } from "../../command.ts";
import { listOf, pairsOf, splitPair, textOf } from "../../flag-values.ts";
import { badFlag, type FlagGroup, splitCsv } from "./draft.ts";

export const network: FlagGroup = {
  flags: [
    {
      name: "network",
      type: "list",
      placeholder: "NETWORK",
      subject: "network",
      help: "Connect to a network: bridge, host, none, container:ID or a network's name",
    },
    { name: "net", type: "list", hidden: true, help: "Same as --network" },
    { name: "network-alias", type: "list", placeholder: "NAME", help: "Add a name for the container on the network" },
    { name: "net-alias", type: "list", hidden: true, help: "Same as --network-alias" },
    { name: "ip", type: "string", placeholder: "ADDRESS", help: "IPv4 address (e.g., 172.30.100.104)" },
    { name: "ip6", type: "string", placeholder: "ADDRESS", help: "IPv6 address (e.g., 2001:db8::33)" },
    { name: "link", type: "list", placeholder: "CONTAINER[:ALIAS]", help: "Add a name for another container, that this one alone knows" },
    { name: "link-local-ip", type: "list", placeholder: "ADDRESS", help: "Add a link-local address (169.254.0.0/16 or fe80::/10)" },
    { name: "mac-address", type: "string", placeholder: "ADDRESS", help: "MAC address (e.g., 92:d0:c6:0a:29:33)" },
    { name: "dns", type: "list", placeholder: "ADDRESS", help: "Set a DNS server" },
    { name: "dns-search", type: "list", placeholder: "DOMAIN", help: "Set a DNS search domain" },
    { name: "dns-option", type: "list", placeholder: "OPTION", help: "Set a DNS resolver option" },
    { name: "dns-opt", type: "list", hidden: true, help: "Same as --dns-option" },
    { name: "add-host", type: "list", placeholder: "HOST:IP", help: "Add a line to /etc/hosts; host-gateway stands for the host" },
  ],
  apply(input, { create, host, endpoints }) {
    const networks = [...listOf(input, "network"), ...listOf(input, "net")].map(parseNetwork);
    const [first = { name: "default", endpoint: {} }, ...others] = networks;
    for (const { name } of networks) {
      if (networks.length > 1 && !isNetwork(name))
        throw badFlag("network", name, "conflicting options: cannot attach both user-defined and non-user-defined network-modes");
    }
    host.NetworkMode = first.name;
    addFlags(input, first);
    for (const { name, endpoint } of [first, ...others]) {
      if (name in endpoints) throw badFlag("network", name, `network "${name}" is specified multiple times`);
      if (isNetwork(name)) endpoints[name] = endpoint;
      else if (endpoint.Aliases?.length)
        throw badFlag("network-alias", endpoint.Aliases[0]!, "network-scoped aliases are only supported for user-defined networks");
      else if (endpoint.IPAMConfig?.IPv4Address || endpoint.IPAMConfig?.IPv6Address)
        throw new EngineError("invalid", "user specified IP address is supported on user defined networks only", { exit: 125 });
      else if (Object.keys(endpoint).length > 0 && ["default", "bridge"].includes(name)) endpoints["bridge"] = endpoint;
    }
    host.Dns = listOf(input, "dns").map((each) => address(each, "dns")!);
    host.DnsSearch = listOf(input, "dns-search");
    host.DnsOptions = [...listOf(input, "dns-option"), ...listOf(input, "dns-opt")];
    host.ExtraHosts = listOf(input, "add-host").map(parseHost);
    const links = parseLinks(input);
    if (links.length > 0 && !isNetwork(first.name)) host.Links = links;
    if (Object.keys(endpoints).length > 0) create.NetworkingConfig = { EndpointsConfig: endpoints };
  },
};

function macAddress(text: string, flag: string): string {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text))
    throw badFlag(flag, text, `${text} is not a valid mac address such as 92:d0:c6:0a:29:33`);
  return text;
}

/** What a flag and the long form of `--network` may not both say of one network, in docker's words. */
const either: [flags: string[], what: string, of: (endpoint: EndpointSettings) => unknown][] = [
  [["network-alias", "net-alias"], "alias", ({ Aliases }) => Aliases],
  [["ip"], "IPv4 address", ({ IPAMConfig }) => IPAMConfig?.IPv4Address],
  [["ip6"], "IPv6 address", ({ IPAMConfig }) => IPAMConfig?.IPv6Address],
  [["link-local-ip"], "link-local IP addresses", ({ IPAMConfig }) => IPAMConfig?.LinkLocalIPs],
  [["mac-address"], "MAC address", ({ MacAddress }) => MacAddress],
];

function checkSaidOnce(input: Input, endpoint: EndpointSettings): void {
  for (const [flags, what, of] of either)
    if (of(endpoint) && flags.some((flag) => listOf(input, flag).length > 0 || textOf(input, flag)))
      throw new EngineError("invalid", `conflicting options: cannot specify both --${flags[0]} and per-network ${what}`, { exit: 125 });
}

/** The flags that speak of no network are about the first. */
function addFlags(input: Input, { name, endpoint }: Attachment): void {
  checkSaidOnce(input, endpoint);
  const aliases = [...listOf(input, "network-alias"), ...listOf(input, "net-alias")];
  if (aliases.length > 0) endpoint.Aliases = [...(endpoint.Aliases ?? []), ...aliases];
  const links = parseLinks(input);
  if (links.length > 0 && isNetwork(name)) endpoint.Links = links;
  const IPv4Address = address(input.flags["ip"], "ip", 4);
  const IPv6Address = address(input.flags["ip6"], "ip6", 6);
  const LinkLocalIPs = parseLinkLocal(listOf(input, "link-local-ip"));
  if (IPv4Address || IPv6Address || LinkLocalIPs)
    endpoint.IPAMConfig = {
      ...endpoint.IPAMConfig,
      ...(IPv4Address && { IPv4Address }),
      ...(IPv6Address && { IPv6Address }),
      ...(LinkLocalIPs && { LinkLocalIPs }),
    };
  const asked = textOf(input, "mac-address");
  const mac = asked === undefined ? undefined : macAddress(asked, "mac-address");
  if (mac && (name === "host" || name.startsWith("container:")))
    throw new EngineError("invalid", "conflicting options: mac-address and the network mode", { exit: 125 });
  if (mac) endpoint.MacAddress = mac;
}

/** `--link` of run and of `network connect`. */
export function parseLinks(input: Input): string[] {
  return listOf(input, "link").map((text) => {
    if (!/^\/?[^:\s]+(:[^:\s]+)?$/.test(text)) throw badFlag("link", text, `bad format for links: ${text}`);
    return text;
  });
}

/** `--link-local-ip` of run and of `network connect`; undefined when there is none. */
export function parseLinkLocal(addresses: readonly string[]): string[] | undefined {
  return addresses.length > 0 ? addresses.map((each) => address(each, "link-local-ip")!) : undefined;
}

/** A network with endpoints of its own, as against a mode. */
function isNetwork(name: string): boolean {
  return !["host", "none", "bridge", "default"].includes(name) && !name.startsWith("container:");
}

/** A network as it was named, and what is asked of the place on it. */
export interface Attachment {
  name: string;
  endpoint: EndpointSettings;
}

/** "web" or docker's long form "name=web,alias=db,ip=10.0.0.9". */
function parseNetwork(text: string): Attachment {
  if (!text.includes("=")) return { name: text, endpoint: {} };
  const endpoint: EndpointSettings = {};
  let name = "";
  for (const field of splitCsv(text)) {
    const [key, value] = splitPair(field);
    if (key === "name") name = value;
    else if (key === "alias") endpoint.Aliases = [...(endpoint.Aliases ?? []), value];
    else if (key === "ip") endpoint.IPAMConfig = { ...endpoint.IPAMConfig, IPv4Address: address(value, "network", 4)! };
    else if (key === "ip6") endpoint.IPAMConfig = { ...endpoint.IPAMConfig, IPv6Address: address(value, "network", 6)! };
    else if (key === "link-local-ip")
      endpoint.IPAMConfig = {
        ...endpoint.IPAMConfig,
        LinkLocalIPs: [...(endpoint.IPAMConfig?.LinkLocalIPs ?? []), address(value, "network")!],
      };
    else if (key === "gw-priority") endpoint.GwPriority = parsePriority(value, "network");
    else if (key === "mac-address") endpoint.MacAddress = macAddress(value, "network");
    else if (key === "driver-opt") endpoint.DriverOpts = { ...endpoint.DriverOpts, ...pairsOf([value]) };
    else throw badFlag("network", text, `unexpected key "${key}"`);
  }
  if (name === "") throw badFlag("network", text, "name is required");
  return { name, endpoint };
}

/** The network with the greatest provides the way out. */
export function parsePriority(text: string, flag: string): number {
  if (!/^[-+]?\d{1,9}$/.test(text)) throw badFlag(flag, text, `invalid gw-priority (${text}): invalid syntax`);
  return Number(text);
}

/** "HOST:IP" or "HOST=IP", the address possibly IPv6 in brackets, or host-gateway. */
export function parseHost(text: string): string {
  const [, name, ip] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
  if (!name || !ip) throw badFlag("add-host", text, "must be HOST:IP");
  const plain = ip.replace(/^\[(.*)\]$/, "$1");
  if (plain !== "host-gateway") address(plain, "add-host");
  return `${name}:${plain}`;
}

export function address(value: unknown, flag: string, family?: 4 | 6): string | undefined {
  if (typeof value !== "string") return undefined;
  const found = process.getBuiltinModule("node:net").isIP(value);
  if (found === 0 || (family && found !== family))
    throw badFlag(flag, value, `"${value}" is not an IP${family ? `v${family}` : ""} address`);
  return value;
}

/** A name server at the container's own loopback address answers only if the container runs one. As docker's client, of the first. */
export function* nameServerWarnings({ Dns = [] }: HostConfig): Generator<ProgressEvent> {
  const local = Dns.find((server) => server === "::1" || server.startsWith("127."));
  if (local) yield { type: "warning", text: `Localhost DNS setting (--dns=${local}) may fail in containers.` };
}
