/** `berth network connect`: connect a container to a network. */
import type { EndpointSettings } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { listOf, textOf } from "../flag-values.ts";

const spec: CommandSpec<void> = command({
  name: "network connect",
  group: "network",
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
    { name: "link", type: "list", hidden: true, help: "Refused: containers of a network find each other by name" },
  ],
  args: [
    { name: "NETWORK", subject: "network" },
    { name: "CONTAINER", subject: "container" },
  ],
  async *run({ engine }, input) {
    const [network = "", container = ""] = input.args;
    const [ip, ip6] = [textOf(input, "ip"), textOf(input, "ip6")];
    const endpoint: EndpointSettings = { Aliases: listOf(input, "alias"), Links: listOf(input, "link") };
    if (ip || ip6) endpoint.IPAMConfig = { ...(ip && { IPv4Address: ip }), ...(ip6 && { IPv6Address: ip6 }) };
    await engine.containers.connect(container, network, endpoint);
  },
  present: () => ({ kind: "none" }),
});

export default spec;
