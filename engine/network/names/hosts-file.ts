/** The contents of a container's /etc/hosts (hosts(5)), line by line as docker writes them. Pure. */
import { EngineError } from "../../errors.ts";
import { parseAddress } from "../address/index.ts";

const standard = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "ff00::0\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

export interface HostsInput {
  hostname: string;
  domainname: string;
  /** The container's own addresses, IPv4 first. */
  addresses: readonly string[];
  /** "name:address", the address possibly "host-gateway". */
  extra: readonly string[];
  /** Whole lines, of links. */
  links?: readonly string[];
  /** What "host-gateway" stands for; "" when the container has no way to the host. */
  hostGateway: string;
  /** With the host's network: the host's file, to which the extra entries are added. */
  host?: string;
}

/** @throws EngineError `invalid` for an extra host that is not "name:address" */
export function hostsFile(input: HostsInput): string {
  const own = input.addresses.map((address) => `${address}\t${ownNames(input)}`);
  const extra = input.extra.map((entry) => {
    const { name, address } = parseExtraHost(entry, input.hostGateway);
    return `${address}\t${name}`;
  });
  const base = input.host === undefined ? standard : [input.host.replace(/\n+$/, "")];
  return `${[...base, ...extra, ...(input.links ?? []), ...own].join("\n")}\n`;
}

/** "web.example.org web" or "web". */
function ownNames({ hostname, domainname }: HostsInput): string {
  const short = hostname.split(".")[0] ?? hostname;
  const full = domainname ? `${hostname}.${domainname}` : hostname;
  return full === short ? short : `${full} ${short}`;
}

/**
 * One `--add-host`: "name:address" or "name=address"; IPv6 may be in brackets.
 * @throws EngineError `invalid`
 */
function parseExtraHost(entry: string, hostGateway: string): { name: string; address: string } {
  const cut = entry.search(/[:=]/);
  const name = entry.slice(0, Math.max(cut, 0));
  const written = entry.slice(cut + 1).replace(/^\[(.*)\]$/, "$1");
  if (cut <= 0 || !/^[A-Za-z0-9._-]+$/.test(name))
    throw new EngineError("invalid", `bad format for add-host: "${entry}"`, { hint: "write NAME:ADDRESS" });
  if (written === "host-gateway") {
    if (!hostGateway) throw new EngineError("invalid", `cannot add host "${name}": unable to derive the IP value for host-gateway`);
    return { name, address: hostGateway };
  }
  if (!parseAddress(written)) throw new EngineError("invalid", `invalid IP address in add-host: "${written}"`);
  return { name, address: written };
}
