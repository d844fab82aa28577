/** Published ports: from what was asked (planned purely) to sockets bound on the host and rows in the database. */
import { closeSync } from "node:fs";
import type { PortBinding } from "../container/types.ts";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { isConstraintError } from "../state/db.ts";
import { type ReservedPort, reservePort } from "../sys/inet-socket.ts";
import { addressBytes, formatAddress, parseAddress } from "./address.ts";
import type { PortRecord } from "./records.ts";

type Protocol = PortRecord["protocol"];

/** One port to publish: any free host port of [first, last]; 0 to 0 is any at all. */
export interface WantedPort {
  protocol: Protocol;
  containerPort: number;
  /** Canonical text: "0.0.0.0", "::", or one address of the host. */
  hostIp: string;
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

/**
 * What has to be published. An unspecified host address stands for every family the network has.
 * @param families of the network's subnets
 * @param defaultIp for bindings without an address: the network's `host_binding_ipv4` option, else every address
 * @throws EngineError `invalid`
 */
export function planPorts(
  request: { ports: Record<string, PortBinding[]>; publishAll: boolean; exposed: readonly string[] },
  families: ReadonlySet<4 | 6>,
  defaultIp = "",
): WantedPort[] {
  const asked = Object.entries(request.ports).flatMap(([key, bindings]) => bindings.map((binding) => ({ key, binding })));
  const named = new Set(asked.map(({ key }) => portKey(key)));
  const all = request.publishAll ? request.exposed.filter((key) => !named.has(portKey(key))) : [];
  const everything = [...asked, ...all.map((key) => ({ key, binding: { HostIp: "", HostPort: "" } }))];
  return everything.flatMap(({ key, binding }) => {
    const { port, protocol } = parsePort(key);
    const range = parseHostPort(binding.HostPort);
    return hostAddresses(binding.HostIp || defaultIp, families).map((hostIp) => ({ protocol, containerPort: port, hostIp, ...range }));
  });
}

/** "80" and "80/tcp" are the same port. */
export function portKey(text: string): string {
  const { port, protocol } = parsePort(text);
  return `${port}/${protocol}`;
}

function hostAddresses(hostIp: string, families: ReadonlySet<4 | 6>): string[] {
  if (hostIp === "") return [...(families.has(4) ? ["0.0.0.0"] : []), ...(families.has(6) ? ["::"] : [])];
  const address = parseAddress(hostIp.replace(/^\[(.*)\]$/, "$1"));
  if (!address) throw new EngineError("invalid", `invalid host address ${JSON.stringify(hostIp)} in a published port`);
  if (!families.has(address.family)) {
    throw new EngineError("invalid", `cannot publish on "${hostIp}": the network has no IPv${address.family} subnet`, {
      hint: "publish on an address of the network's family, or make a network with --ipv6",
    });
  }
  return [formatAddress(address)];
}

/** A port that is held for a container. */
export interface HeldPort {
  record: PortRecord;
  /** -1 when the kernel has no such sockets. */
  fd: number;
}

/**
 * Binds and records one port. The row is unique, so that two berths never take the same port; the bound socket keeps
 * every other program away.
 * @throws EngineError `port-in-use`
 */
export function holdPort(house: House, endpoint: PortOwner, wanted: WantedPort): HeldPort {
  if (wanted.first === 0) return holdAnyPort(house, endpoint, wanted);
  let failure: EngineError | undefined;
  for (let port = wanted.first; port <= wanted.last; port++) {
    const held = tryPort(house, endpoint, wanted, port);
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
 * The kernel's choice; it may choose one that is recorded for a container whose monitor died, and is then asked again
 * while the refused socket is still open.
 */
function holdAnyPort(house: House, endpoint: PortOwner, wanted: WantedPort): HeldPort {
  const refused: number[] = [];
  try {
    for (;;) {
      const { fd, port } = bindHost(wanted, 0);
      try {
        return { record: insertPort(house, endpoint, wanted, port), fd };
      } catch (error) {
        refused.push(fd);
        if (refused.length === 64) throw error;
      }
    }
  } catch (cause) {
    throw refusal(endpoint, wanted, 0, cause);
  } finally {
    for (const fd of refused) closeSync(fd);
  }
}

function tryPort(house: House, endpoint: PortOwner, wanted: WantedPort, port: number): HeldPort | EngineError {
  const holder = holderOf(house, wanted.protocol, wanted.hostIp, port);
  if (holder !== undefined) return allocated(endpoint, wanted, port, `"${holder}" publishes it: choose another host port, or stop it`);
  let fd = -1;
  try {
    fd = bindHost(wanted, port).fd;
    return { record: insertPort(house, endpoint, wanted, port), fd };
  } catch (cause) {
    if (fd >= 0) closeSync(fd);
    return refusal(endpoint, wanted, port, cause);
  }
}

function bindHost({ protocol, hostIp }: WantedPort, port: number): ReservedPort {
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
  house: House,
  { owner, network }: PortOwner,
  { protocol, hostIp, containerPort }: WantedPort,
  port: number,
): PortRecord {
  const record: PortRecord = { owner, network, protocol, host_ip: hostIp, host_port: port, container_port: containerPort };
  house.db.insert("ports", { ...record });
  return record;
}

function where({ hostIp }: WantedPort, port: number): string {
  return hostIp.includes(":") ? `[${hostIp}]:${port}` : `${hostIp}:${port}`;
}

function failed(
  { name }: PortOwner,
  { protocol, hostIp }: WantedPort,
  port: number,
  reason: string,
  hint: string,
  cause?: unknown,
): EngineError {
  return new EngineError("port-in-use", `driver failed programming external connectivity on endpoint ${name}: ${reason}`, {
    hint,
    cause,
    details: { protocol, hostIp, port },
  });
}

function allocated(endpoint: PortOwner, wanted: WantedPort, port: number, hint: string, cause?: unknown): EngineError {
  return failed(endpoint, wanted, port, `Bind for ${where(wanted, port)} failed: port is already allocated`, hint, cause);
}

/** Why a port could not be had, in docker's words; what is no answer of the kernel about the port is thrown on. */
function refusal(endpoint: PortOwner, wanted: WantedPort, port: number, cause: unknown): EngineError {
  if (isConstraintError(cause)) return allocated(endpoint, wanted, port, "another container publishes it: choose another host port", cause);
  const reasons: Record<string, [string, string]> = {
    EADDRINUSE: ["address already in use", "another program listens on it: choose another host port, or stop that program"],
    EADDRNOTAVAIL: ["cannot assign requested address", "the address is not one of this host's"],
    EACCES: ["permission denied", "run as root, or choose a host port from 1024 up"],
  };
  const [text, hint] = reasons[(cause as NodeJS.ErrnoException).code ?? ""] ?? [];
  if (!text || !hint) throw cause;
  return failed(endpoint, wanted, port, `failed to bind host port for ${where(wanted, port)}/${wanted.protocol}: ${text}`, hint, cause);
}

/** Name or id of the container that publishes a host port which would clash: the same address, or either of them "all". */
function holderOf(house: House, protocol: Protocol, hostIp: string, port: number): string | undefined {
  const all = hostIp.includes(":") ? "::" : "0.0.0.0";
  const like = hostIp.includes(":") ? "%:%" : "%.%";
  const row = house.db.get<{ name: string }>(
    `SELECT coalesce(containers.name, ports.owner) AS name FROM ports LEFT JOIN containers ON containers.id = ports.owner
     WHERE protocol = ?1 AND host_port = ?2 AND host_ip LIKE ?3 AND (host_ip = ?4 OR host_ip = ?5 OR ?4 = ?5)`,
    protocol,
    port,
    like,
    hostIp,
    all,
  );
  return row?.name;
}
