/** Where to listen, as the user writes it: unix://PATH, tcp://HOST:PORT, or fd:// for the sockets that systemd hands over. */
import { readFileSync } from "node:fs";
import { EngineError } from "../errors.ts";
import type { Address, Identity } from "../http/server.ts";

export interface Listening {
  /** Name or number of the group that may use the socket; default root's. */
  group?: string;
  tls?: Identity;
  /** Let anybody who reaches the port be root on this host. */
  insecureTcp?: boolean;
  env: Record<string, string | undefined>;
}

const badAddress = (text: string, why: string) =>
  new EngineError("usage", `cannot listen on "${text}": ${why}`, {
    hint: "give unix:///PATH, tcp://HOST:PORT with certificates, or fd:// in a unit of systemd",
  });

/**
 * The sockets that an address stands for. fd:// may be several.
 * @throws EngineError `usage`, `not-found` (group)
 */
export function parseAddress(text: string, { group, tls, insecureTcp = false, env }: Listening): Address[] {
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === "unix") return [unixAddress(text, rest, group)];
  if (scheme === "fd") return descriptors(text, env);
  if (scheme !== "tcp") throw badAddress(text, "it is no address");
  if (!tls && !insecureTcp)
    throw new EngineError("usage", `cannot listen on "${text}": whoever reaches a port without certificates would be root on this host`, {
      hint: "give --tlscacert, --tlscert and --tlskey, so that only clients with a certificate are let in (or, knowing that, --insecure-tcp)",
    });
  return [tcpAddress(text, rest)];
}

function unixAddress(text: string, path: string, group: string | undefined): Address {
  if (!path.startsWith("/")) throw badAddress(text, "the path is not absolute");
  if (Buffer.byteLength(path) > 90) throw badAddress(text, "the path is longer than a socket's can be");
  return { kind: "unix", path, gid: group === undefined ? 0 : groupId(group) };
}

function tcpAddress(text: string, rest: string): Address {
  const [, host = "", port = ""] = /^(\[[0-9a-f:.%]+\]|[^:/]+):(\d{1,5})\/?$/i.exec(rest) ?? [];
  if (host === "" || Number(port) > 65_535) throw badAddress(text, "it is not tcp://HOST:PORT");
  return { kind: "tcp", host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** The first descriptor that systemd hands over: sd_listen_fds(3). */
const firstDescriptor = 3;

function descriptors(text: string, { LISTEN_FDS, LISTEN_PID }: Listening["env"]): Address[] {
  const count = Number(LISTEN_FDS ?? 0);
  if (!(count > 0) || Number(LISTEN_PID) !== process.pid) throw badAddress(text, "systemd has handed over no socket to this process");
  return Array.from({ length: count }, (_, at) => ({ kind: "descriptor", fd: firstDescriptor + at }));
}

/** @throws EngineError `not-found` */
function groupId(group: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${group}:`));
  if (line === undefined)
    throw new EngineError("not-found", `no such group: "${group}"`, { hint: "make it with groupadd, or name another" });
  return Number(line.split(":")[2]);
}
