/** `berth container inspect`: everything about containers, as JSON. */
import type { ContainerInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { asInspected, formatFlag, inspectEach } from "../inspect-each.ts";

const spec: CommandSpec<ContainerInspect[]> = command<ContainerInspect[]>({
  summary: "Display detailed information on one or more containers",
  examples: [
    { line: "berth container inspect web", does: "Print all of it" },
    { line: "berth container inspect -f '{{.State.Running}}' web", does: "Print one field" },
  ],
  flags: [formatFlag, { name: "size", short: "s", type: "boolean", help: "Add total file sizes" }],
  args: [{ name: "CONTAINER", variadic: true, subject: "container" }],
  async *run({ engine }, input) {
    return yield* inspectEach(input.args, (name) => engine.containers.inspect(name, { size: isSet(input, "size") }));
  },
  ...asInspected,
});

export default spec;
