/**
 * Legacy links (`run --link` on the default network): which containers, and what docker makes of them, lines of /etc/hosts
 * and variables. In the record a link is "ID:ALIAS", so that it survives a new name.
 */

import type { HostConfig } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { forgetLink, parseLink } from "../../network/names/index.ts";
import { readAttachments } from "../../network/records/index.ts";
import type { LegacyLink } from "../../network/types.ts";
import type { Ground } from "../../state/ground.ts";
import { compareText } from "../../state/sorted.ts";
import { linkConflict } from "../plan/index.ts";
import { type ContainerRecord, findById, findContainer, isRunning, lockContainer } from "../record/index.ts";

/**
 * The links of a new container, by id; of two with one alias the first counts, as docker.
 * @throws EngineError `invalid`
 */
export function recordedLinks(ground: Ground, { Links = [] }: HostConfig): string[] {
  const byAlias = new Map<string, string>();
  for (const { name, alias } of Links.map(parseLink)) if (!byAlias.has(alias)) byAlias.set(alias, linkedContainer(ground, name).id);
  return [...byAlias].map(([alias, id]) => `${id}:${alias}`);
}

/** The named container, or the one whose network that one shares ("container:ID"). */
function linkedContainer(ground: Ground, ref: string): ContainerRecord {
  let found: ContainerRecord;
  try {
    found = findContainer(ground, ref);
  } catch (cause) {
    throw new EngineError("invalid", `could not get container for ${ref}: ${(cause as Error).message}`, { cause, exit: 125 });
  }
  const mode = found.host.NetworkMode ?? "";
  if (mode === "host") throw linkConflict("host");
  return mode.startsWith("container:") ? linkedContainer(ground, mode.slice("container:".length)) : found;
}

interface Linked {
  alias: string;
  record: ContainerRecord;
}

/** Those that are still there. */
function linksOf(ground: Ground, { host }: ContainerRecord): Linked[] {
  return (host.Links ?? []).flatMap((text) => {
    const { name, alias } = parseLink(text);
    const record = findById(ground, name);
    return record ? [{ alias, record }] : [];
  });
}

/** As inspect shows them. */
export function shownLinks(ground: Ground, record: ContainerRecord): { Links?: string[] } {
  const Links = linksOf(ground, record).map(({ alias, record: other }) => `/${other.name}:/${record.name}/${alias}`);
  return Links.length > 0 ? { Links } : {};
}

/**
 * What a start makes of a container's links.
 * @throws EngineError `conflict` when one of them does not run, or not on the default network
 */
export function resolveLinks(ground: Ground, own: ContainerRecord): { hosts: LegacyLink[]; env: string[] } {
  if ((own.host.NetworkMode ?? "bridge") !== "bridge") return { hosts: [], env: [] };
  const resolved = linksOf(ground, own).map(({ alias, record }) => {
    const path = `/${own.name}/${alias}`;
    if (!isRunning(record))
      throw new EngineError("conflict", `Cannot link to a non running container: /${record.name} AS ${path}`, { exit: 125 });
    const address = readAttachments(ground, record.id).endpoints.get(record.id)?.["bridge"]?.IPAddress;
    if (!address)
      throw new EngineError("conflict", `Cannot link to /${record.name}, as it does not belong to the default network`, {
        hint: "put both containers on a user network: there they find each other by name",
        exit: 125,
      });
    const names = [alias, record.config.Hostname ?? "", ...(alias === record.name ? [] : [record.name])].join(" ");
    return { host: { target: record.id, names }, env: linkEnvironment({ path, address, ...record.config }) };
  });
  return { hosts: resolved.map(({ host }) => host), env: resolved.flatMap(({ env }) => env) };
}

/**
 * `rm --link OWN/ALIAS`: the container OWN forgets a link, at once when it runs.
 * @throws EngineError `conflict` for a name that is none of a link, `not-found`
 */
export async function unlink(ground: Ground, ref: string): Promise<void> {
  const [, parent = "", alias = ""] = /^\/?([^/]+)\/(.+)$/.exec(ref) ?? [];
  if (!parent) throw new EngineError("conflict", "Conflict, cannot remove the default link name of the container");
  const { id } = findContainer(ground, parent);
  using _ = await lockContainer(ground, id);
  const { host } = findById(ground, id) ?? findContainer(ground, parent);
  const kept = (host.Links ?? []).filter((text) => parseLink(text).alias !== alias);
  if (kept.length === (host.Links ?? []).length) throw new EngineError("not-found", `No such container: ${ref}`);
  ground.db.update("containers", "id", id, { host_config: JSON.stringify({ ...host, Links: kept }) });
  await forgetLink(ground, id, alias);
}

interface LinkFacts {
  /** "/OWN/ALIAS" */
  path: string;
  address: string;
  Env?: string[];
  ExposedPorts?: Record<string, object>;
}

/** The variables that a link stands for, as docker's: of each port, of ranges of them, of the other's environment. Pure. */
export function linkEnvironment({ path, address, Env = [], ExposedPorts = {} }: LinkFacts): string[] {
  const alias = path
    .slice(path.lastIndexOf("/") + 1)
    .toUpperCase()
    .replaceAll("-", "_");
  const ports = Object.keys(ExposedPorts).map(portOf).sort(tcpFirst);
  const url = ({ number, protocol }: Port) => `${protocol}://${address}:${number}`;
  const prefix = ({ number, protocol }: Port) => `${alias}_PORT_${number}_${protocol.toUpperCase()}`;
  const [first] = ports;
  const ofPort = (port: Port) => [
    `${prefix(port)}=${url(port)}`,
    `${prefix(port)}_ADDR=${address}`,
    `${prefix(port)}_PORT=${port.number}`,
    `${prefix(port)}_PROTO=${port.protocol}`,
  ];
  const ofRange = ([start, end]: [Port, Port]) => [
    `${prefix(start)}_START=${url(start)}`,
    `${prefix(start)}_PORT_START=${start.number}`,
    `${prefix(start)}_END=${url(end)}`,
    `${prefix(start)}_PORT_END=${end.number}`,
  ];
  const inherited = Env.filter((entry) => /^(?!(HOME|PATH)=)[^=]*=/.test(entry)).map((entry) => `${alias}_ENV_${entry}`);
  return [
    ...(first ? [`${alias}_PORT=${url(first)}`] : []),
    ...ports.flatMap(ofPort),
    ...rangesOf(ports).flatMap(ofRange),
    `${alias}_NAME=${path}`,
    ...inherited,
  ];
}

interface Port {
  number: number;
  protocol: string;
}

function portOf(key: string): Port {
  const [number, protocol = "tcp"] = key.split("/");
  return { number: Number(number), protocol };
}

function tcpFirst(a: Port, b: Port): number {
  if (a.protocol === b.protocol) return a.number - b.number;
  if (a.protocol === "tcp") return -1;
  return b.protocol === "tcp" ? 1 : compareText(a.protocol, b.protocol);
}

/** First and last port of what follows each other without a gap. */
function rangesOf(ports: readonly Port[]): [Port, Port][] {
  const ranges: [Port, Port][] = [];
  for (const port of ports) {
    const last = ranges.at(-1);
    if (last && last[1].protocol === port.protocol && last[1].number + 1 === port.number) last[1] = port;
    else ranges.push([port, port]);
  }
  return ranges.filter(([start, end]) => start !== end);
}
