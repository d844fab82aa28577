/** Flags about ports: `-p [IP:][HOST:]CONTAINER[/PROTOCOL]` with ranges and IPv6, `-P`, `--expose`. */
import type { PortBinding } from "../../../../engine/index.ts";
import { isSet, listOf, splitPair } from "../../flag-values.ts";
import { badFlag, type FlagGroup, splitCsv } from "./draft.ts";

export const ports: FlagGroup = {
  flags: [
    {
      name: "publish",
      short: "p",
      type: "list",
      placeholder: "[IP:][HOST:]CONTAINER[/PROTOCOL]",
      help: "Publish a container's port on the host",
    },
    { name: "publish-all", short: "P", type: "boolean", help: "Publish all exposed ports on random host ports" },
    { name: "expose", type: "list", placeholder: "PORT[/PROTOCOL]", help: "Expose a port or a range of ports" },
  ],
  apply(input, { create, host }) {
    const exposed: Record<string, object> = {};
    const bindings: Record<string, PortBinding[]> = {};
    for (const word of listOf(input, "publish")) {
      for (const { port, binding } of parsePublish(word)) {
        exposed[port] = {};
        (bindings[port] ??= []).push(binding);
      }
    }
    for (const word of listOf(input, "expose")) for (const port of parseExpose(word)) exposed[port] = {};
    if (Object.keys(exposed).length > 0) create.ExposedPorts = exposed;
    host.PortBindings = bindings;
    host.PublishAllPorts = isSet(input, "publish-all");
  },
};

interface Published {
  /** "80/tcp" */
  port: string;
  binding: PortBinding;
}

/** One `-p` value; docker's (go-connections nat.ParsePortSpec) rules and its long form `target=80,published=8080,protocol=udp`. */
export function parsePublish(text: string): Published[] {
  const word = text.includes("target=") ? longForm(text) : text;
  const [address, protocol] = splitProtocol(word, "publish", text);
  const { ip, hostPart, containerPart } = splitAddress(address, text);
  const container = range(containerPart, "publish", text);
  if (!container) throw badFlag("publish", text, "no container port given");
  const hostRange = hostPart === "" ? undefined : range(hostPart, "publish", text);
  const count = container[1] - container[0] + 1;
  const hostCount = hostRange ? hostRange[1] - hostRange[0] + 1 : 0;
  // A host range for one container port: any free one of it.
  const anyOf = hostRange && count === 1 && hostCount > 1;
  if (hostRange && !anyOf && hostCount !== count)
    throw badFlag("publish", text, `the host range has ${hostCount} ports, the container's ${count}`);
  return Array.from({ length: count }, (_, at) => {
    const hostPort = hostRange ? (anyOf ? hostPart : String(hostRange[0] + at)) : "";
    return { port: `${container[0] + at}/${protocol}`, binding: { HostIp: ip, HostPort: hostPort } };
  });
}

function splitAddress(address: string, text: string): { ip: string; hostPart: string; containerPart: string } {
  const parts = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(?:([^:]*):)?([^:]+)$/.exec(address);
  if (!parts) throw badFlag("publish", text, "must be [IP:][HOST:]CONTAINER[/PROTOCOL], an IPv6 address in brackets");
  const [, v6, first, second, containerPart = ""] = parts;
  // Two parts "8080:80": the first is the host port, unless it is an address in brackets.
  if (second === undefined && v6 === undefined) return { ip: "", hostPart: first ?? "", containerPart };
  const ip = v6 ?? first ?? "";
  const { isIP } = process.getBuiltinModule("node:net");
  if (ip !== "" && isIP(ip) === 0) throw badFlag("publish", text, `"${ip}" is not an IP address`);
  return { ip, hostPart: second ?? "", containerPart };
}

function longForm(text: string): string {
  const fields: Record<string, string> = {};
  for (const pair of splitCsv(text)) {
    const [key, value] = splitPair(pair);
    if (!["target", "published", "protocol", "mode", "host_ip"].includes(key)) throw badFlag("publish", text, `unknown key "${key}"`);
    fields[key] = value;
  }
  const ip = fields["host_ip"];
  const address = ip ? (ip.includes(":") ? `[${ip}]:` : `${ip}:`) : "";
  return `${address}${fields["published"] ?? ""}${fields["published"] || ip ? ":" : ""}${fields["target"]}/${fields["protocol"] ?? "tcp"}`;
}

/** `--expose 80`, `--expose 8000-8010/udp` */
export function parseExpose(text: string): string[] {
  const [part, protocol] = splitProtocol(text, "expose", text);
  const found = range(part, "expose", text, "invalid range format for --expose: ");
  if (!found) throw badFlag("expose", text, "no port given");
  return Array.from({ length: found[1] - found[0] + 1 }, (_, at) => `${found[0] + at}/${protocol}`);
}

function splitProtocol(word: string, flag: string, text: string): [string, string] {
  const slash = word.lastIndexOf("/");
  const protocol = slash < 0 ? "tcp" : word.slice(slash + 1).toLowerCase();
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw badFlag(flag, text, `invalid protocol "${protocol}": must be tcp, udp or sctp`);
  return [slash < 0 ? word : word.slice(0, slash), protocol];
}

function range(part: string, flag: string, text: string, reason = ""): [number, number] | undefined {
  if (part === "") return undefined;
  const match = /^(\d+)(?:-(\d+))?$/.exec(part);
  const first = Number(match?.[1] ?? Number.NaN);
  const last = match?.[2] === undefined ? first : Number(match[2]);
  const isPort = (port: number) => port >= 0 && port <= 65535;
  if (!match || !isPort(first) || !isPort(last) || last < first)
    throw badFlag(flag, text, `${reason}"${part}" is not a port or a range of ports (1-65535)`);
  return [first, last];
}
