/** The short form of a service's port, "[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]", each a number or a range. Pure. */

import { type Tree, tree } from "../source/places.ts";
import { isAddress } from "./address.ts";
import { SpecProblem } from "./volume-spec.ts";

/** One long form for each container port, in docker compose's order. @throws SpecProblem */
export function parsePorts(spec: string): Tree[] {
  const parts = spec.split(":");
  const [container = "", protocol = "tcp"] = splitProtocol(parts.at(-1)!);
  const host = parts.at(-2) ?? "";
  const address = addressOf(parts.slice(0, -2).join(":"), spec);
  if (container === "") throw new SpecProblem(`invalid port "${spec}": no port specified`);
  const inside = rangeOf(container, "container port", spec);
  const outside = host === "" ? undefined : rangeOf(host, "host port", spec);
  if (!["tcp", "udp", "sctp"].includes(protocol.toLowerCase()))
    throw new SpecProblem(`invalid port "${spec}": unknown protocol "${protocol}"`);
  const count = inside.last - inside.first;
  if (outside && count > 0 && outside.last - outside.first !== count)
    throw new SpecProblem(`invalid port "${spec}": the ranges of container and host differ in length`);
  const ports = Array.from({ length: count + 1 }, (_, index) => ({
    target: inside.first + index,
    published: publishedOf(outside, count, index),
  }));
  const key = ({ target }: { target: number }) => `${target}/`;
  return ports.sort((one, other) => (key(one) < key(other) ? -1 : 1)).map((port) => longForm(port, address, protocol.toLowerCase()));
}

function splitProtocol(text: string): [string, string?] {
  const [port = "", protocol] = text.split("/");
  return [port, protocol || undefined];
}

function addressOf(text: string, spec: string): string {
  const address = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (address === "" || isAddress(address)) return address;
  throw new SpecProblem(`invalid port "${spec}": "${text}" is no IP address`);
}

interface Range {
  first: number;
  last: number;
}

function rangeOf(text: string, what: string, spec: string): Range {
  const [, first = "", last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (first !== "" && range.first <= range.last && range.last <= 65_535) return range;
  throw new SpecProblem(`invalid port "${spec}": "${text}" is no ${what}`);
}

/** A single container port takes any of a range of the host's. */
function publishedOf(outside: Range | undefined, count: number, index: number): string | undefined {
  if (!outside) return undefined;
  const first = String(outside.first + index);
  return count === 0 && outside.first !== outside.last ? `${first}-${outside.last}` : first;
}

function longForm({ published, target }: { target: number; published?: string }, address: string, protocol: string): Tree {
  const port = tree([["mode", "ingress"]]);
  if (address) port["host_ip"] = address;
  port["target"] = target;
  if (published !== undefined) port["published"] = published;
  port["protocol"] = protocol;
  return port;
}
