/** Port specifications of EXPOSE: `[[IP:]HOSTPORT:]PORT[-PORT][/PROTOCOL]`. Host parts are accepted and mean nothing. */
import { EngineError } from "../errors.ts";

export interface PortSpec {
  ip: string;
  hostPort: string;
  /** A port or a range. */
  port: string;
  /** As written; "" when there is none. */
  protocol: string;
}

/** Splits from the right, so that an IPv6 address may hold colons. */
export function splitPort(text: string): PortSpec {
  const parts = text.split(":");
  const last = parts.pop()!;
  const hostPort = parts.pop() ?? "";
  const slash = last.indexOf("/");
  return {
    ip: parts.join(":"),
    hostPort,
    port: slash === -1 ? last : last.slice(0, slash),
    protocol: slash === -1 ? "" : last.slice(slash + 1),
  };
}

const hint = "write a port, or a range, and optionally a protocol: 80, 53/udp, 7000-7010/tcp";
const invalid = (message: string) => new EngineError("dockerfile", message, { hint });

/**
 * Expanded words of an EXPOSE to what goes into ExposedPorts, ranges spelt out: "80/tcp".
 * @throws EngineError without a location
 */
export function parsePorts(words: readonly string[]): string[] {
  return words.flatMap(parsePort);
}

function parsePort(text: string): string[] {
  const { ip, hostPort, port, protocol } = splitPort(text);
  if (port === "") throw invalid(`invalid port: "${text}": no port specified`);
  const lower = protocol.toLowerCase() || "tcp";
  if (!["tcp", "udp", "sctp"].includes(lower)) throw invalid(`invalid port: "${text}": invalid proto: ${protocol}`);
  if (ip !== "" && !isAddress(ip.replace(/^\[(.*)\]$/, "$1"))) throw invalid(`invalid IP address: ${ip}`);
  const range = parseRange(port) ?? raise(invalid(`invalid containerPort: ${port}`));
  if (hostPort !== "") {
    const host = parseRange(hostPort) ?? raise(invalid(`invalid hostPort: ${hostPort}`));
    const differ = host.end - host.start !== range.end - range.start;
    if (differ && range.end !== range.start)
      throw invalid(`invalid ranges specified for container and host Ports: ${port} and ${hostPort}`);
  }
  return Array.from({ length: range.end - range.start + 1 }, (_, index) => `${range.start + index}/${lower}`);
}

/** An IPv4 or IPv6 address; node:net, which could tell, is not for this room. */
function isAddress(text: string): boolean {
  if (text.includes(":")) return /^[0-9a-fA-F:.]+$/.test(text) && URL.canParse(`http://[${text}]/`);
  const octets = text.split(".");
  return octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
}

function raise(error: EngineError): never {
  throw error;
}

function parseRange(text: string): { start: number; end: number } | undefined {
  const [from = "", ...more] = text.split("-");
  const start = parseNumber(from);
  const end = more.length === 0 ? start : parseNumber(more.join("-"));
  return start === undefined || end === undefined || end < start ? undefined : { start, end };
}

function parseNumber(text: string): number | undefined {
  return /^\+?\d+$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}
