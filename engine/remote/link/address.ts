/** Where a host is, as the user writes it: unix://PATH, tcp://HOST:PORT, ssh://[USER@]HOST[:PORT]. Pure. */
import { EngineError } from "../../errors.ts";
import type { ClientIdentity } from "../../http/dial.ts";

export type Address =
  | { kind: "unix"; path: string }
  | { kind: "tcp"; host: string; port: number; tls: boolean }
  /** `path`: a socket on that host other than its usual one. */
  | { kind: "ssh"; user?: string; host: string; port?: number; path?: string };

/** A host and how it is entered. */
export interface Endpoint {
  /** As written. */
  address: string;
  /** For tcp://, where it asks for TLS. */
  tls?: ClientIdentity | undefined;
}

/** Docker's: without TLS, with TLS. */
const ports = { plain: 2375, tls: 2376 };

function bad(text: string, why: string): EngineError {
  return new EngineError("usage", `invalid host address "${text}": ${why}`, {
    hint: "give unix:///PATH, tcp://HOST:PORT, or ssh://[USER@]HOST[:PORT]",
  });
}

/**
 * @param hasTls certificates are given, so a port is entered by TLS
 * @throws EngineError `usage`
 */
export function parseAddress(text: string, hasTls = false): Address {
  const [, scheme, rest = ""] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === "unix") return { kind: "unix", path: socketPath(text, rest) };
  if (scheme === "tcp" || scheme === "http" || scheme === "https") return tcp(text, rest, hasTls || scheme === "https");
  if (scheme === "ssh") return ssh(text, rest);
  if (scheme === undefined && /^[\w.-]+:\d+$/.test(text)) return tcp(text, text, hasTls);
  throw bad(text, scheme === undefined ? "it has no scheme" : `berth does not know "${scheme}://"`);
}

function socketPath(text: string, path: string): string {
  if (!path.startsWith("/")) throw bad(text, "the path of the socket is not absolute");
  if (Buffer.byteLength(path) > 107) throw bad(text, "the path is longer than a socket's can be");
  return path;
}

function tcp(text: string, rest: string, tls: boolean): Address {
  const [, host = "", port] = /^(\[[0-9a-f:.%]+\]|[^:/?#@\s]+)(?::(\d{1,5}))?\/?$/i.exec(rest) ?? [];
  if (host === "" || Number(port) > 65_535) throw bad(text, "it is not tcp://HOST:PORT");
  return { kind: "tcp", host: host.replace(/^\[|\]$/g, ""), port: Number(port ?? (tls ? ports.tls : ports.plain)), tls };
}

/** What ssh would take for one of its flags never gets there. */
function ssh(text: string, rest: string): Address {
  const [, user, host = "", port, path = ""] =
    /^(?:([^@/\s]+)@)?(\[[0-9a-f:.%]+\]|[^:/?#@\s]+)(?::(\d{1,5}))?(\/[^?#\s]*)?$/i.exec(rest) ?? [];
  if (host === "" || Number(port) > 65_535) throw bad(text, "it is not ssh://[USER@]HOST[:PORT]");
  if (user?.includes(":")) throw bad(text, "a password does not belong there: ssh asks for it, or uses a key");
  if (host.startsWith("-") || user?.startsWith("-")) throw bad(text, "a name does not begin with a dash");
  return {
    kind: "ssh",
    host: host.replace(/^\[|\]$/g, ""),
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port: Number(port) }),
    ...(path.length > 1 && { path }),
  };
}
