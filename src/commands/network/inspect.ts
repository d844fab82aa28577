/** `berth network inspect`: everything about networks, as JSON. */
import type { NetworkInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";

const spec: CommandSpec<NetworkInspect[]> = command({
  name: "network inspect",
  group: "network",
  summary: "Display detailed information on one or more networks",
  examples: [
    { line: "berth network inspect bridge", does: "Print all of it, connected containers included" },
    { line: "berth network inspect -f '{{range .IPAM.Config}}{{.Subnet}}{{end}}' bridge", does: "Print the subnet" },
  ],
  flags: [
    { name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" },
    { name: "verbose", short: "v", type: "boolean", hidden: true, help: "Accepted: all there is is always shown" },
  ],
  args: [{ name: "NETWORK", variadic: true, subject: "network" }],
  async *run({ engine }, input) {
    return Promise.all(input.args.map((name) => engine.networks.inspect(name)));
  },
  present: (values, input) => ({ kind: "json", values, format: textOf(input, "format") }),
});

export default spec;
