/** `berth network inspect`: everything about networks, as JSON. */
import type { NetworkInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { asInspected, formatFlag, inspectEach } from "../inspect-each.ts";

const spec: CommandSpec<NetworkInspect[]> = command<NetworkInspect[]>({
  summary: "Display detailed information on one or more networks",
  examples: [
    { line: "berth network inspect bridge", does: "Print all of it, connected containers included" },
    { line: "berth network inspect -f '{{range .IPAM.Config}}{{.Subnet}}{{end}}' bridge", does: "Print the subnet" },
  ],
  flags: [formatFlag, { name: "verbose", short: "v", type: "boolean", hidden: true, help: "Accepted: all there is is always shown" }],
  args: [{ name: "NETWORK", variadic: true, subject: "network" }],
  async *run({ engine }, input) {
    return yield* inspectEach(input.args, (name) => engine.networks.inspect(name));
  },
  ...asInspected,
});

export default spec;
