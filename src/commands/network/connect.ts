/** `berth network connect`: connect a container to a network. */
import type { EndpointSettings } from "../../../engine/index.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { address, parseLinkLocal, parseLinks, parsePriority } from "../container/flags/network.ts";
import { listOf, pairsOf, textOf } from "../flag-values.ts";

const spec: CommandSpec<void> = command({
  summary: "Connect a container to a network",
  description: "A running container gets a further interface at once; a stopped one joins at its next start.",
  examples: [
    { line: "berth network connect backend web", does: "Let web reach the containers of backend" },
    { line: "berth network connect --ip 10.7.0.10 --alias db lab postgres", does: "Choose the address, and a further name" },
  ],
  flags: [
    { name: "alias", type: "list", placeholder: "NAME", help: "Further name of the container on the network" },
    { name: "ip", type: "string", placeholder: "ADDRESS", help: "IPv4 address" },
    { name: "ip6", type: "string", placeholder: "ADDRESS", help: "IPv6 address" },
    { name: "link", type: "list", placeholder: "CONTAINER[:ALIAS]", help: "Add a name for another container, that this one alone knows" },
    { name: "link-local-ip", type: "list", placeholder: "ADDRESS", help: "Add a link-local address (169.254.0.0/16 or fe80::/10)" },
    { name: "driver-opt", type: "list", placeholder: "KEY=VALUE", help: "Option of the network's driver for this place" },
    {
      name: "gw-priority",
      type: "string",
      placeholder: "NUMBER",
      help: "The network with the greatest provides the way out; may be negative",
    },
  ],
  args: [
    { name: "NETWORK", subject: "network" },
    { name: "CONTAINER", subject: "container" },
  ],
  async *run({ engine }, input) {
    const [network = "", container = ""] = input.args;
    await engine.containers.connect(container, network, endpointOf(input));
  },
  present: () => ({ kind: "none" }),
});

function endpointOf(input: Input): EndpointSettings {
  const IPv4Address = address(input.flags["ip"], "ip", 4);
  const IPv6Address = address(input.flags["ip6"], "ip6", 6);
  const LinkLocalIPs = parseLinkLocal(listOf(input, "link-local-ip"));
  const addresses = { ...(IPv4Address && { IPv4Address }), ...(IPv6Address && { IPv6Address }), ...(LinkLocalIPs && { LinkLocalIPs }) };
  const options = listOf(input, "driver-opt");
  const priority = textOf(input, "gw-priority");
  return {
    Aliases: listOf(input, "alias"),
    Links: parseLinks(input),
    ...(Object.keys(addresses).length > 0 && { IPAMConfig: addresses }),
    ...(options.length > 0 && { DriverOpts: pairsOf(options) }),
    ...(priority !== undefined && { GwPriority: parsePriority(priority, "gw-priority") }),
  };
}

export default spec;
