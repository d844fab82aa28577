/** The contents of a container's /etc/resolv.conf (resolv.conf(5)), made from the host's as docker does. Pure. */
import { parseAddress } from "../address/index.ts";

export interface ResolverSettings {
  dns: readonly string[];
  search: readonly string[];
  options: readonly string[];
}

/** Where systemd-resolved keeps the list of real servers, when /etc/resolv.conf names only its stub 127.0.0.53. */
export const resolvedFile = "/run/systemd/resolve/resolv.conf";
/** Used when the host names no server a container could reach. */
const fallback = { 4: ["8.8.8.8", "8.8.4.4"], 6: ["2001:4860:4860::8888", "2001:4860:4860::8844"] };

export interface ResolvConf {
  nameservers: string[];
  search: string[];
  options: string[];
}

/** The last `search` or `domain` line wins; unknown lines are dropped. */
export function parseResolvConf(text: string): ResolvConf {
  const conf: ResolvConf = { nameservers: [], search: [], options: [] };
  for (const line of text.split("\n")) {
    const [keyword, ...words] = line
      .replace(/\s*[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver" && words[0]) conf.nameservers.push(words[0]);
    else if (keyword === "search" || keyword === "domain") conf.search = words;
    else if (keyword === "options") conf.options.push(...words);
  }
  return conf;
}

/** True for an address that means the host itself, which inside a container's namespace is the container. */
export function isLoopbackResolver(server: string): boolean {
  const address = parseAddress(server.replace(/%.*$/, ""));
  if (!address) return false;
  return address.family === 4 ? address.value >> 24n === 127n : address.value === 1n;
}

/** True when the host's file is only systemd-resolved's stub, so that `resolvedFile` must be read instead. */
export function isResolvedStub(text: string): boolean {
  const { nameservers } = parseResolvConf(text);
  return nameservers.length === 1 && nameservers[0] === "127.0.0.53";
}

/**
 * A container's resolv.conf: what it asks for itself wins over the host's; loopback resolvers are dropped (as are IPv6
 * ones on a network without IPv6); with none left, public ones.
 * @param host text of the host's file
 * @param options.server the one server of a user network: names of containers have no dots and are to be asked for as they are
 * @param options.ipv6 the container has an IPv6 address
 * @param options.hostNamespace the container shares the host's network: nothing is filtered
 */
export function containerResolvConf(
  host: string,
  asked: ResolverSettings,
  options: { server?: string; ipv6?: boolean; hostNamespace?: boolean } = {},
): string {
  const conf = parseResolvConf(host);
  return render({
    nameservers: options.server ? [options.server] : asked.dns.length > 0 ? [...asked.dns] : hostServers(conf, options),
    // `--dns-search .` asks for no search list at all.
    search: asked.search.length > 0 ? asked.search.filter((domain) => domain !== ".") : conf.search,
    options: withDots(asked.options.length > 0 ? asked.options : conf.options, options.server !== undefined),
  });
}

/** `ndots:0`, unless somebody chose another number: else "web" would first be asked for below every search domain. */
function withDots(options: readonly string[], servesNames: boolean): string[] {
  return servesNames && !options.some((option) => option.startsWith("ndots:")) ? [...options, "ndots:0"] : [...options];
}

/** The host's servers that a container can reach. */
function hostServers(conf: ResolvConf, options: { ipv6?: boolean; hostNamespace?: boolean } = {}): string[] {
  if (options.hostNamespace) return conf.nameservers;
  const reachable = conf.nameservers.filter((server) => !isLoopbackResolver(server) && (options.ipv6 || !server.includes(":")));
  return reachable.length > 0 ? reachable : [...fallback[4], ...(options.ipv6 ? fallback[6] : [])];
}

function render({ nameservers, search, options }: ResolvConf): string {
  const lines = search.length > 0 ? [`search ${search.join(" ")}`] : [];
  lines.push(...nameservers.map((server) => `nameserver ${server}`));
  if (options.length > 0) lines.push(`options ${options.join(" ")}`);
  return `${lines.join("\n")}\n`;
}
