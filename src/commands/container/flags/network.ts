/** Flags about the network: mode, addresses, aliases, DNS, extra hosts. */
import type { EndpointSettings } from "../../../../engine/index.ts";
import { listOf, splitPair, textOf } from "../../flag-values.ts";
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
    { name: "mac-address", type: "string", placeholder: "ADDRESS", help: "MAC address (e.g., 92:d0:c6:0a:29:33)" },
    { name: "dns", type: "list", placeholder: "ADDRESS", help: "Set a DNS server" },
    { name: "dns-search", type: "list", placeholder: "DOMAIN", help: "Set a DNS search domain" },
    { name: "dns-option", type: "list", placeholder: "OPTION", help: "Set a DNS resolver option" },
    { name: "dns-opt", type: "list", hidden: true, help: "Same as --dns-option" },
    { name: "add-host", type: "list", placeholder: "HOST:IP", help: "Add a line to /etc/hosts; host-gateway stands for the host" },
  ],
  apply(input, { create, host, endpoints }) {
    const names = [...listOf(input, "network"), ...listOf(input, "net")].map(parseNetwork);
    const aliases = [...listOf(input, "network-alias"), ...listOf(input, "net-alias")];
    host.NetworkMode = names[0]?.name ?? "default";
    for (const [at, { name, endpoint }] of names.entries()) {
      if (!isNetwork(name)) {
        if (names.length > 1)
          throw badFlag("network", name, "conflicting options: cannot attach both user-defined and non-user-defined network-modes");
        continue;
      }
      endpoints[name] = { ...endpoint, Aliases: [...(endpoint.Aliases ?? []), ...(at === 0 ? aliases : [])] };
    }
    const first = endpoints[host.NetworkMode] ?? {};
    const IPv4Address = address(input.flags["ip"], "ip", 4);
    const IPv6Address = address(input.flags["ip6"], "ip6", 6);
    if (IPv4Address || IPv6Address)
      first.IPAMConfig = { ...first.IPAMConfig, ...(IPv4Address && { IPv4Address }), ...(IPv6Address && { IPv6Address }) };
    const mac = textOf(input, "mac-address");
    if (mac !== undefined && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac))
      throw badFlag("mac-address", mac, "is not a MAC address such as 92:d0:c6:0a:29:33");
    if (mac) first.MacAddress = mac;
    const noNetwork = host.NetworkMode === "host" || host.NetworkMode === "none" || host.NetworkMode.startsWith("container:");
    if (aliases.length > 0 && (noNetwork || ["default", "bridge"].includes(host.NetworkMode)))
      throw badFlag("network-alias", aliases[0]!, "network-scoped aliases are only supported for user-defined networks");
    if (Object.keys(first).length > 0 && !noNetwork) endpoints[host.NetworkMode === "default" ? "bridge" : host.NetworkMode] = first;
    host.Dns = listOf(input, "dns").map((each) => address(each, "dns")!);
    host.DnsSearch = listOf(input, "dns-search");
    host.DnsOptions = [...listOf(input, "dns-option"), ...listOf(input, "dns-opt")];
    host.ExtraHosts = listOf(input, "add-host").map(parseHost);
    if (Object.keys(endpoints).length > 0) create.NetworkingConfig = { EndpointsConfig: endpoints };
  },
};

/** A network with endpoints of its own, as against a mode. */
function isNetwork(name: string): boolean {
  return !["host", "none", "bridge", "default"].includes(name) && !name.startsWith("container:");
}

/** "web" or docker's long form "name=web,alias=db,ip=10.0.0.9". */
export function parseNetwork(text: string): { name: string; endpoint: EndpointSettings } {
  if (!text.includes("=")) return { name: text, endpoint: {} };
  const endpoint: EndpointSettings = {};
  let name = "";
  for (const field of splitCsv(text)) {
    const [key, value] = splitPair(field);
    if (key === "name") name = value;
    else if (key === "alias") endpoint.Aliases = [...(endpoint.Aliases ?? []), value];
    else if (key === "ip") endpoint.IPAMConfig = { ...endpoint.IPAMConfig, IPv4Address: address(value, "network", 4)! };
    else if (key === "ip6") endpoint.IPAMConfig = { ...endpoint.IPAMConfig, IPv6Address: address(value, "network", 6)! };
    else if (key === "mac-address") endpoint.MacAddress = value;
    else throw badFlag("network", text, `unexpected key "${key}"`);
  }
  if (name === "") throw badFlag("network", text, "name is required");
  return { name, endpoint };
}

/** "HOST:IP" or "HOST=IP", the address possibly IPv6 in brackets, or host-gateway. */
function parseHost(text: string): string {
  const [, name, ip] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
  if (!name || !ip) throw badFlag("add-host", text, "must be HOST:IP");
  const plain = ip.replace(/^\[(.*)\]$/, "$1");
  if (plain !== "host-gateway") address(plain, "add-host");
  return `${name}:${plain}`;
}

function address(value: unknown, flag: string, family?: 4 | 6): string | undefined {
  if (typeof value !== "string") return undefined;
  const found = process.getBuiltinModule("node:net").isIP(value);
  if (found === 0 || (family && found !== family))
    throw badFlag(flag, value, `"${value}" is not an IP${family ? `v${family}` : ""} address`);
  return value;
}
