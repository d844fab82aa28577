/** Published ports: from what was asked (planned purely) to sockets bound on the host and rows in the database. */
import { closeSync } from "node:fs";
import type { PortBinding } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { isConstraintError } from "../../state/db.ts";
import type { Ground } from "../../state/ground.ts";
import { type ReservedPort, reservePort } from "../../sys/inet-socket.ts";
import { addressBytes, formatAddress, parseAddress } from "../address/index.ts";
import type { PortRecord } from "../records/index.ts";

type Protocol = PortRecord["protocol"];

/** One port to publish: any free host port of [first, last]; 0 to 0 is any at all. */
export interface WantedPort {
  protocol: Protocol;
  containerPort: number;
  /** Canonical texts: "0.0.0.0", "::", or one address of the host; the port has the same number on all of them. */
  hostIps: string[];
  first: number;
  last: number;
}

/**
 * Parses "80", "80/tcp", "53/udp".
 * @throws EngineError `invalid`
 */
export function parsePort(text: string): { port: number; protocol: Protocol } {
  const [, digits = "", protocol = "tcp"] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  const port = Number(digits);
  if (!digits || port < 1 || port > 65535)
    throw new EngineError("invalid", `invalid container port ${JSON.stringify(text)}`, { hint: "write PORT or PORT/tcp, /udp, /sctp" });
  return { port, protocol: protocol.toLowerCase() as Protocol };
}

/** @throws EngineError `invalid` */
function parseHostPort(text: string): { first: number; last: number } {
  if (text === "") return { first: 0, last: 0 };
  const [, from = "", to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (!from || first > last || last > 65535)
    throw new EngineError("invalid", `invalid host port ${JSON.stringify(text)}`, { hint: "write PORT or FIRST-LAST, up to 65535" });
  return { first, last };
}

/** What a network can publish on. */
export interface Reach {
  /** Of the network's subnets. */
  families: ReadonlySet<4 | 6>;
  /** IPv6 ports can be carried to IPv4 addresses (forward/start.ts). */
  forwards: boolean;
}

/**
 * What has to be published. An unspecified host address stands for every family the host has.
 * @param defaultIp for bindings without an address: the network's `host_binding_ipv4` option, else every address
 * @throws EngineError `invalid`
 */
export function planPorts(
  request: { ports: Record<string, PortBinding[]>; publishAll: boolean; exposed: readonly string[] },
  reach: Reach,
  defaultIp = "",
): WantedPort[] {
  const asked = Object.entries(request.ports).flatMap(([key, bindings]) => bindings.map((binding) => ({ key, binding })));
  const named = new Set(asked.map(({ key }) => portKey(key)));
  const all = request.publishAll ? request.exposed.filter((key) => !named.has(portKey(key))) : [];
  const everything = [...asked, ...all.map((key) => ({ key, binding: { HostIp: "", HostPort: "" } }))];
  return everything.map(({ key, binding }) => {
    const { port, protocol } = parsePort(key);
    const hostIps = hostAddresses(binding.HostIp || defaultIp, protocol, reach);
    return { protocol, containerPort: port, hostIps, ...parseHostPort(binding.HostPort) };
  });
}

/** "80" and "80/tcp" are the same port. */
export function portKey(text: string): string {
  const { port, protocol } = parsePort(text);
  return `${port}/${protocol}`;
}

function hostAddresses(hostIp: string, protocol: Protocol, { families, forwards }: Reach): string[] {
  const ipv6 = families.has(6) || (forwards && protocol !== "sctp");
  if (hostIp === "") return [...(families.has(4) ? ["0.0.0.0"] : []), ...(ipv6 ? ["::"] : [])];
  const address = parseAddress(hostIp.replace(/^\[(.*)\]$/, "$1"));
  if (!address) throw new EngineError("invalid", `invalid host address ${JSON.stringify(hostIp)} in a published port`);
  if (address.family === 6 ? !ipv6 : !families.has(4)) {
    throw new EngineError("invalid", `cannot publish ${protocol} on "${hostIp}": the network has no IPv${address.family} subnet`, {
      hint: "publish on an address of the network's family, or make a network with --ipv6",
    });
  }
  return [formatAddress(address)];
}

/** A port that is held for a container. */
export interface HeldPort {
  record: PortRecord;
  /** -1 when the kernel has no such sockets, or another process holds it alone. */
  fd: number;
}

/**
 * Binds and records one port, on all its addresses. The rows are unique, so that two berths never take the same port;
 * the bound sockets keep every other program away.
 * @throws EngineError `port-in-use`
 */
export function holdPort(ground: Ground, endpoint: PortOwner, wanted: WantedPort): HeldPort[] {
  if (wanted.first === 0) return holdAnyPort(ground, endpoint, wanted);
  let failure: EngineError | undefined;
  for (let port = wanted.first; port <= wanted.last; port++) {
    const held = tryPort(ground, endpoint, wanted, port);
    if (!(held instanceof EngineError)) return held;
    failure = held;
  }
  throw failure ?? new EngineError("internal", "no port was asked for");
}

/** Whose port it is, and its name for messages. */
export interface PortOwner {
  owner: string;
  network: string;
  name: string;
}

/**
 * The kernel's choice for the first address; it may choose one that is recorded for a container whose monitor died, or
 * that is taken on another of the addresses, and is then asked again while the refused socket is still open.
 */
function holdAnyPort(ground: Ground, endpoint: PortOwner, wanted: WantedPort): HeldPort[] {
  const refused: number[] = [];
  const [hostIp = "", ...others] = wanted.hostIps;
  try {
    for (;;) {
      const { fd, port } = bindAny(endpoint, wanted.protocol, hostIp);
      const held = completePort(ground, endpoint, { ...wanted, hostIps: others }, { hostIp, fd, port });
      if (!(held instanceof EngineError)) return held;
      refused.push(fd);
      if (refused.length === 64) throw held;
    }
  } finally {
    for (const fd of refused) closeSync(fd);
  }
}

function bindAny(endpoint: PortOwner, protocol: Protocol, hostIp: string): ReservedPort {
  try {
    return bindHost(protocol, hostIp, 0);
  } catch (cause) {
    throw refusal(endpoint, { protocol, hostIp, port: 0 }, cause);
  }
}

/** Records the port that the kernel chose and takes its number on the other addresses too. */
function completePort(
  ground: Ground,
  endpoint: PortOwner,
  others: WantedPort,
  { hostIp, fd, port }: { hostIp: string; fd: number; port: number },
): HeldPort[] | EngineError {
  const { protocol, containerPort } = others;
  let first: HeldPort;
  try {
    first = { record: insertPort(ground, endpoint, { protocol, containerPort, hostIp }, port), fd };
  } catch (cause) {
    return refusal(endpoint, { protocol, hostIp, port }, cause);
  }
  const rest = tryPort(ground, endpoint, others, port);
  if (!(rest instanceof EngineError)) return [first, ...rest];
  deletePort(ground, first.record);
  return rest;
}

/** One number on all addresses, or on none. */
function tryPort(ground: Ground, endpoint: PortOwner, wanted: WantedPort, port: number): HeldPort[] | EngineError {
  const { protocol, containerPort } = wanted;
  const taken: HeldPort[] = [];
  for (const hostIp of wanted.hostIps) {
    const held = tryAddress(ground, endpoint, { protocol, containerPort, hostIp }, port);
    if (!(held instanceof EngineError)) {
      taken.push(held);
      continue;
    }
    for (const { record, fd } of taken) {
      if (fd >= 0) closeSync(fd);
      deletePort(ground, record);
    }
    return held;
  }
  return taken;
}

/** A port on one address. */
type OnAddress = Pick<WantedPort, "protocol" | "containerPort"> & { hostIp: string };

function tryAddress(ground: Ground, endpoint: PortOwner, wanted: OnAddress, port: number): HeldPort | EngineError {
  const { protocol, hostIp } = wanted;
  const holder = holderOf(ground, protocol, hostIp, port);
  if (holder !== undefined)
    return allocated(endpoint, { protocol, hostIp, port }, `"${holder}" publishes it: choose another host port, or stop it`);
  let fd = -1;
  try {
    fd = bindHost(protocol, hostIp, port).fd;
    return { record: insertPort(ground, endpoint, wanted, port), fd };
  } catch (cause) {
    if (fd >= 0) closeSync(fd);
    return refusal(endpoint, { protocol, hostIp, port }, cause);
  }
}

function bindHost(protocol: Protocol, hostIp: string, port: number): ReservedPort {
  const address = parseAddress(hostIp);
  if (!address) throw new EngineError("internal", `not an address: ${hostIp}`);
  const reserved = reservePort(protocol, addressBytes(address), port);
  if (reserved.port === 0)
    throw new EngineError("unsupported", `cannot choose a free ${protocol} port: this kernel has no ${protocol} sockets`, {
      hint: "name the host port",
    });
  return reserved;
}

function insertPort(
  ground: Ground,
  { owner, network }: PortOwner,
  { protocol, hostIp, containerPort }: OnAddress,
  port: number,
): PortRecord {
  const record: PortRecord = { owner, network, protocol, host_ip: hostIp, host_port: port, container_port: containerPort };
  ground.db.insert("ports", { ...record });
  return record;
}

function deletePort(ground: Ground, { protocol, host_ip, host_port }: PortRecord): void {
  ground.db.run("DELETE FROM ports WHERE protocol = ? AND host_ip = ? AND host_port = ?", protocol, host_ip, host_port);
}

/** A place on the host, for messages. */
interface HostPort {
  protocol: Protocol;
  hostIp: string;
  port: number;
}

function where({ hostIp, port }: HostPort): string {
  return hostIp.includes(":") ? `[${hostIp}]:${port}` : `${hostIp}:${port}`;
}

function failed({ name }: PortOwner, place: HostPort, reason: string, hint: string, cause?: unknown): EngineError {
  return new EngineError("port-in-use", `driver failed programming external connectivity on endpoint ${name}: ${reason}`, {
    hint,
    cause,
    details: { ...place },
  });
}

function allocated(endpoint: PortOwner, place: HostPort, hint: string, cause?: unknown): EngineError {
  return failed(endpoint, place, `Bind for ${where(place)} failed: port is already allocated`, hint, cause);
}

/** Why a port could not be had, in docker's words; what is no answer of the kernel about the port is thrown on. */
function refusal(endpoint: PortOwner, place: HostPort, cause: unknown): EngineError {
  if (isConstraintError(cause)) return allocated(endpoint, place, "another container publishes it: choose another host port", cause);
  const reasons: Record<string, [string, string]> = {
    EADDRINUSE: ["address already in use", "another program listens on it: choose another host port, or stop that program"],
    EADDRNOTAVAIL: ["cannot assign requested address", "the address is not one of this host's"],
    EACCES: ["permission denied", "run as root, or choose a host port from 1024 up"],
  };
  const [text, hint] = reasons[(cause as NodeJS.ErrnoException).code ?? ""] ?? [];
  if (!text || !hint) throw cause;
  return failed(endpoint, place, `failed to bind host port for ${where(place)}/${place.protocol}: ${text}`, hint, cause);
}

/** Name or id of the container that publishes a host port which would clash: the same address, or either of them "all". */
function holderOf(ground: Ground, protocol: Protocol, hostIp: string, port: number): string | undefined {
  const all = hostIp.includes(":") ? "::" : "0.0.0.0";
  const like = hostIp.includes(":") ? "%:%" : "%.%";
  const row = ground.db.get<{ owner: string }>(
    "SELECT owner FROM ports WHERE protocol = ?1 AND host_port = ?2 AND host_ip LIKE ?3 AND (host_ip = ?4 OR host_ip = ?5 OR ?4 = ?5)",
    protocol,
    port,
    like,
    hostIp,
    all,
  );
  return row && (ground.lent.containers.namesOf([row.owner]).get(row.owner) ?? row.owner);
}
