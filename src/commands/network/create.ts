/** `berth network create`: make a network. */
import type { IpamConfig } from "../../../engine/index.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, labelsOf, listOf, pairsOf, textOf } from "../flag-values.ts";

const spec: CommandSpec<string> = command({
  summary: "Create a network",
  description:
    "Containers of a network find each other by name and are out of reach of other networks. Without --subnet a free one is chosen. Driver options: com.docker.network.bridge.name, .enable_icc, .enable_ip_masquerade, .host_binding_ipv4, com.docker.network.driver.mtu.",
  examples: [
    { line: "berth network create backend", does: "Make a network with a subnet of its own" },
    { line: "berth network create --subnet 10.7.0.0/24 --gateway 10.7.0.254 lab", does: "Choose its addresses" },
    { line: "berth network create --internal vault", does: "Make one without a way out" },
  ],
  flags: [
    {
      name: "driver",
      short: "d",
      type: "string",
      placeholder: "DRIVER",
      default: "bridge",
      help: "Driver of the network",
    },
    { name: "subnet", type: "list", placeholder: "CIDR", help: "Subnet, for instance 10.7.0.0/24" },
    { name: "gateway", type: "list", placeholder: "ADDRESS", help: "Address of the host in the subnet" },
    { name: "ip-range", type: "list", placeholder: "CIDR", help: "Part of the subnet that containers get addresses from" },
    { name: "aux-address", type: "list", placeholder: "NAME=ADDRESS", help: "Address that is not given out" },
    { name: "internal", type: "boolean", help: "No way out of the network" },
    { name: "ipv6", type: "boolean", help: "Give it an IPv6 subnet too" },
    { name: "label", type: "list", placeholder: "KEY=VALUE", help: "Label of the network" },
    { name: "opt", short: "o", type: "list", placeholder: "KEY=VALUE", help: "Driver option" },
    { name: "attachable", type: "boolean", hidden: true, help: "Noted: every network can be attached to" },
    { name: "ipv4", type: "boolean", hidden: true, help: "Accepted: every network has an IPv4 subnet" },
    { name: "scope", type: "string", default: "local", choices: ["local"], hidden: true, help: "Scope of the network" },
    { name: "ipam-driver", type: "string", default: "default", choices: ["default"], hidden: true, help: "Address management" },
  ],
  args: [{ name: "NETWORK" }],
  async *run({ engine }, input) {
    const { Id } = await engine.networks.create({
      Name: input.args[0] ?? "",
      Driver: textOf(input, "driver"),
      Internal: isSet(input, "internal"),
      Attachable: isSet(input, "attachable"),
      EnableIPv6: isSet(input, "ipv6"),
      IPAM: { Config: ipamOf(input) },
      Options: pairsOf(listOf(input, "opt")),
      Labels: labelsOf(input),
    });
    return Id;
  },
  present: (id) => ({ kind: "lines", lines: [id] }),
});

/** One entry per word; the engine joins ranges, gateways and set-aside addresses with the subnet they lie in. */
function ipamOf(input: Input): IpamConfig[] {
  return [
    ...listOf(input, "subnet").map((Subnet) => ({ Subnet })),
    ...listOf(input, "ip-range").map((IPRange) => ({ IPRange })),
    ...listOf(input, "gateway").map((Gateway) => ({ Gateway })),
    ...listOf(input, "aux-address").map((word) => ({ AuxiliaryAddresses: pairsOf([word]) })),
  ];
}

export default spec;
