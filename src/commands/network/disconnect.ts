/** `berth network disconnect`: disconnect a container from a network. */
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";

const spec: CommandSpec<void> = command({
  summary: "Disconnect a container from a network",
  examples: [{ line: "berth network disconnect backend web", does: "Take web off the network, also while it runs" }],
  flags: [{ name: "force", short: "f", type: "boolean", help: "Also from a network that is gone" }],
  args: [
    { name: "NETWORK", subject: "network" },
    { name: "CONTAINER", subject: "container" },
  ],
  async *run({ engine }, input) {
    const [network = "", container = ""] = input.args;
    await engine.containers.disconnect(container, network, { force: isSet(input, "force") });
  },
  present: () => ({ kind: "none" }),
});

export default spec;
