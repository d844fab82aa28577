/** `berth container inspect`: everything about containers, as JSON. */
import type { ContainerInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

const spec: CommandSpec<ContainerInspect[]> = command({
  name: "container inspect",
  group: "container",
  summary: "Display detailed information on one or more containers",
  examples: [
    { line: "berth container inspect web", does: "Print all of it" },
    { line: "berth container inspect -f '{{.State.Running}}' web", does: "Print one field" },
  ],
  flags: [
    { name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" },
    { name: "size", short: "s", type: "boolean", help: "Add total file sizes" },
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "container" }],
  async *run({ engine }, input) {
    return Promise.all(input.args.map((name) => engine.containers.inspect(name, { size: isSet(input, "size") })));
  },
  present: (values, input) => ({ kind: "json", values, format: textOf(input, "format") }),
});

export default spec;
