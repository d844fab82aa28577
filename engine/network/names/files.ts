/** The three name files of a container: hosts, resolv.conf and hostname, from the host's files and its own endpoints. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { EngineError } from "../../errors.ts";
import { formatAddress, parseAddress } from "../address/index.ts";
import { type EndpointRecord, type NetworkRecord, subnetsOf } from "../records/index.ts";
import type { NetworkAttachment, NetworkRequest } from "../types.ts";
import { hostsFile } from "./hosts-file.ts";
import { containerResolvConf, isResolvedStub, resolvedFile } from "./resolv-conf.ts";
import { nameServerOf, resolverAddress } from "./resolver.ts";

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise; // a host without the file has nothing to pass on
  }
}

/** The host's resolv.conf; systemd-resolved's real list where the file names only its stub. */
function hostResolvConf(): string {
  const text = readOr("/etc/resolv.conf", "");
  return isResolvedStub(text) ? readOr(resolvedFile, text) : text;
}

type Names = Pick<NetworkRequest, "hostname" | "domainname" | "dns" | "dnsSearch" | "dnsOptions" | "extraHosts">;

/**
 * @param endpoints in the order in which they provide the way out
 * @param options.links further lines of /etc/hosts
 * @throws EngineError `invalid` for resolvers and extra hosts that are not addresses
 */
export function containerFiles(
  names: Names,
  endpoints: readonly { network: NetworkRecord; endpoint: EndpointRecord }[],
  { hostNamespace = false, links = [] }: { hostNamespace?: boolean; links?: readonly string[] },
): NetworkAttachment["files"] {
  vet(names);
  const addresses = endpoints.flatMap(({ endpoint }) => [endpoint.ipv4, endpoint.ipv6].filter(Boolean));
  const settings = { dns: names.dns, search: names.dnsSearch, options: names.dnsOptions };
  const ipv6 = addresses.some((address) => address.includes(":"));
  return {
    hosts: hostsFile({
      hostname: names.hostname,
      domainname: names.domainname,
      addresses,
      extra: names.extraHosts,
      links,
      hostGateway: hostNamespace ? "127.0.0.1" : gatewayOf(endpoints),
      ...(hostNamespace && { host: readOr("/etc/hosts", "127.0.0.1\tlocalhost\n") }),
    }),
    resolvConf: containerResolvConf(hostResolvConf(), settings, {
      ipv6,
      hostNamespace,
      ...(nameServerOf(endpoints) && { server: resolverAddress }),
    }),
    hostname: `${hostNamespace && !names.hostname ? hostname() : names.hostname}\n`,
  };
}

/** The host's address as the container sees it. */
function gatewayOf(endpoints: readonly { network: NetworkRecord }[]): string {
  const gateway = endpoints.map(({ network }) => subnetsOf(network.spec)[0]?.gateway).find((found) => found !== undefined);
  return gateway ? formatAddress(gateway) : "";
}

/** Names go into files that programs read line by line: nothing may smuggle in a line. */
function vet({ hostname: name, domainname, dns, dnsSearch, dnsOptions }: Names): void {
  for (const server of dns) {
    if (!parseAddress(server))
      throw new EngineError("invalid", `${JSON.stringify(server)} is not an ip address`, { hint: "give --dns an IPv4 or IPv6 address" });
  }
  for (const word of [name, domainname, ...dnsSearch, ...dnsOptions]) {
    if (/[\s\0]/.test(word)) throw new EngineError("invalid", `invalid host name, domain or resolver option ${JSON.stringify(word)}`);
  }
}
