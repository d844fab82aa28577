/** Names on user networks, as the name server reads them: one file per network (server.ts). Callers hold the "network" lock. */
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { formatAddress, parseAddress } from "../address/index.ts";
import { type EndpointRecord, endpointsOn, type NetworkRecord, subnetsOf } from "../records/index.ts";
import { directoryOf, followNames } from "./server.ts";

/** True for networks whose containers find each other by name: all but the default one, as docker. */
export function servesNames({ spec }: NetworkRecord): boolean {
  return spec.Driver === "bridge" && spec.Name !== "bridge";
}

/** An internal network's names are served, the outside's are not. */
const fileOf = (ground: Ground, { spec }: NetworkRecord) =>
  join(directoryOf(ground), `${spec.Id.slice(0, 12)}${spec.Internal ? "%int" : ""}`);

/**
 * The file of one network: the addresses to answer on, then a line per endpoint. Pure. Every name is known with the
 * network's name behind it too ("web.backend"), as docker's server does.
 * Names are reduced to what DNS allows, as they come from users and the format is made of spaces and commas.
 * @param servers of a container's own (--dns), by its id: they are asked for what is no container's name
 */
export function namesFile(
  network: NetworkRecord,
  endpoints: readonly EndpointRecord[],
  servers: ReadonlyMap<string, readonly string[]> = new Map(),
): string {
  const listen = subnetsOf(network.spec).map(({ gateway }) => formatAddress(gateway));
  const lines = endpoints.map(({ owner, ipv4, ipv6, settings }) => {
    const own = settings.DNSNames ?? [];
    const names = [...own, ...own.map((name) => `${name}.${network.spec.Name}`)]
      .map((name) => name.toLowerCase())
      .filter((name) => /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(name));
    return [owner, ipv4, ipv6, names.join(","), ...(servers.has(owner) ? [servers.get(owner)?.join(",")] : [])].join(" ");
  });
  return `${[listen.join(","), ...lines].join("\n")}\n`;
}

/** What the owners of endpoints were given by --dns. A build step has no such thing. */
function ownServers(ground: Ground, endpoints: readonly EndpointRecord[]): Map<string, string[]> {
  const given = ground.lent.containers.nameServersOf(endpoints.map(({ owner }) => owner));
  return new Map([...given].map(([owner, servers]) => [owner, servers.filter((server) => parseAddress(server))]));
}

/** Writes a network's names, where it serves any, as they are in the database now, and makes the server see them. */
export async function writeNames(ground: Ground, network: NetworkRecord): Promise<void> {
  if (!servesNames(network)) return;
  const file = fileOf(ground, network);
  const endpoints = endpointsOn(ground, network.spec.Id).filter(({ interface: cable }) => cable !== "");
  mkdirSync(directoryOf(ground), { recursive: true, mode: 0o755 });
  if (endpoints.length === 0) rmSync(file, { force: true });
  else {
    // A reading in between must not meet half a file.
    const draft = join(ground.paths.network, ".names");
    writeFileSync(draft, namesFile(network, endpoints, ownServers(ground, endpoints)));
    chmodSync(draft, 0o644); // the server has no rights; the directories above keep others out
    renameSync(draft, file);
  }
  await followNames(ground);
}
