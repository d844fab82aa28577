/** The networks of a service's containers: which, under which names, with which addresses. Pure. */
import type { EndpointSettings } from "../../docker.ts";
import { namedAfter } from "../labels.ts";
import type { Project } from "../project.ts";
import type { Service, ServiceNetwork } from "../service.ts";
import { given } from "./amounts.ts";

/** A container of another service, as names and links need it. */
export interface Neighbour {
  id: string;
  name: string;
  number: number;
}

export interface NetworkPlan {
  NetworkMode: string;
  endpoints: Record<string, EndpointSettings>;
}

export interface NetworkNeeds {
  containerName: string;
  /** Containers of a service of the project. */
  containersOf(service: string): readonly Neighbour[];
  /** The container's own names on its networks, beside its name; false for a one-off container without --use-aliases. */
  withAliases: boolean;
}

export function networksOf(project: Project, name: string, service: Service, needs: NetworkNeeds): NetworkPlan {
  if (service.network_mode) return { NetworkMode: modeOf(service.network_mode, needs), endpoints: {} };
  const keys = networkKeys(service);
  const nameOf = (key: string) => project.model.networks?.[key]?.name ?? key;
  const [first] = keys;
  if (first === undefined) return { NetworkMode: "none", endpoints: {} };
  const links = linksOf(project, service, needs);
  const endpoints = keys.map((key) => [
    nameOf(key),
    endpointOf(name, service, service.networks?.[key] ?? {}, { ...needs, links, isFirst: key === first }),
  ]);
  return { NetworkMode: nameOf(first), endpoints: Object.fromEntries(endpoints) };
}

/** By priority, then by name; the first is the container's main one. */
export function networkKeys({ networks = {} }: Service): string[] {
  const priority = (key: string) => networks[key]?.priority ?? 0;
  return Object.keys(networks).sort((a, b) => priority(b) - priority(a) || (a < b ? -1 : 1));
}

function modeOf(mode: string, { containersOf }: NetworkNeeds): string {
  if (!mode.startsWith("service:")) return mode;
  return `container:${containersOf(mode.slice("service:".length))[0]?.id ?? mode}`;
}

/** "service:X" of `ipc`, `pid` and the like. */
export function sharedWith(mode: string | undefined, containersOf: NetworkNeeds["containersOf"]): string | undefined {
  if (!mode?.startsWith("service:")) return mode;
  return `container:${containersOf(mode.slice("service:".length))[0]?.id ?? mode}`;
}

function endpointOf(
  name: string,
  service: Service,
  network: ServiceNetwork,
  { containerName, withAliases, links, isFirst }: NetworkNeeds & { links: string[]; isFirst: boolean },
): EndpointSettings {
  const address = given({
    IPv4Address: network.ipv4_address,
    IPv6Address: network.ipv6_address,
    LinkLocalIPs: network.link_local_ips,
  });
  return given({
    Aliases: [containerName, ...(withAliases ? [name, ...(network.aliases ?? [])] : [])],
    IPAMConfig: Object.keys(address).length > 0 ? address : undefined,
    MacAddress: network.mac_address ?? (isFirst ? service.mac_address : undefined),
    GwPriority: network.gw_priority,
    DriverOpts: driverOptions(network),
    Links: links.length > 0 ? links : undefined,
  });
}

/** docker's network driver knows the interface's name as an option. */
function driverOptions({ driver_opts, interface_name }: ServiceNetwork): Record<string, string> | undefined {
  return interface_name ? { ...driver_opts, "com.docker.network.endpoint.ifname": interface_name } : driver_opts;
}

/** "CONTAINER:ALIAS" for `links` (under the alias, and docker compose's two further names) and `external_links`. */
function linksOf(project: Project, { links = [], external_links = [] }: Service, { containersOf }: NetworkNeeds): string[] {
  const own = links.flatMap((link) => {
    const [target = "", alias = target] = link.split(":");
    return containersOf(target).flatMap(({ name, number }) => [
      `${name}:${alias}`,
      `${name}:${target}${project.separator ?? "-"}${number}`,
      `${name}:${namedAfter(project, target, number)}`,
    ]);
  });
  return [...own, ...external_links.map((link) => (link.includes(":") ? link : `${link}:${link}`))];
}
