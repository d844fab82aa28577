/** Published ports: from what was asked (planned purely) to sockets bound on the host and rows in the database. */
import type { PortBinding } from "../container/types.ts";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { isConstraintError } from "../state/db.ts";
import { reservePort } from "../sys/inet-socket.ts";
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
export function holdPort(house: House, endpoint: { owner: string; network: string; name: string }, wanted: WantedPort): HeldPort {
  let failure: EngineError | undefined;
  for (let port = wanted.first; port <= wanted.last; port++) {
    const held = tryPort(house, endpoint, wanted, port);
    if (!(held instanceof EngineError)) return held;
    failure = held;
  }
  throw failure ?? new EngineError("internal", "no port was asked for");
}

function tryPort(
  house: House,
  { owner, network, name }: { owner: string; network: string; name: string },
  wanted: WantedPort,
  port: number,
): HeldPort | EngineError {
  const { protocol, hostIp, containerPort } = wanted;
  const failed = (reason: string, hint: string | undefined, cause?: unknown) =>
    new EngineError("port-in-use", `driver failed programming external connectivity on endpoint ${name}: ${reason}`, {
      ...(hint && { hint }),
      cause,
      details: { protocol, hostIp, port },
    });
  const where = hostIp.includes(":") ? `[${hostIp}]:${port}` : `${hostIp}:${port}`;
  const holder = holderOf(house, protocol, hostIp, port);
  if (holder !== undefined)
    return failed(`Bind for ${where} failed: port is already allocated`, `"${holder}" publishes it: choose another host port, or stop it`);
  const address = parseAddress(hostIp);
  if (!address) return failed(`invalid host address "${hostIp}"`, undefined);
  let fd = -1;
  try {
    const reserved = reservePort(protocol, addressBytes(address), port);
    fd = reserved.fd;
    const record: PortRecord = { owner, network, protocol, host_ip: hostIp, host_port: reserved.port, container_port: containerPort };
    house.db.insert("ports", { ...record });
    return { record, fd };
  } catch (cause) {
    if (fd >= 0) process.getBuiltinModule("node:fs").closeSync(fd);
    if (isConstraintError(cause)) return failed(`Bind for ${where} failed: port is already allocated`, undefined, cause);
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      return failed(
        `failed to bind host port for ${where}/${protocol}: address already in use`,
        "another program listens on it: choose another host port, or stop that program",
        cause,
      );
    if (code === "EADDRNOTAVAIL")
      return failed(
        `failed to bind host port for ${where}/${protocol}: cannot assign requested address`,
        "the address is not one of this host's",
        cause,
      );
    throw cause;
  }
}

/** Name or id of the container that publishes a host port which would clash: the same address, or either of them "all". */
function holderOf(house: House, protocol: Protocol, hostIp: string, port: number): string | undefined {
  if (port === 0) return undefined;
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
