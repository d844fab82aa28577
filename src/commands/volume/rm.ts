/** `berth volume rm`: remove volumes. */
import { type CommandSpec, command } from "../command.ts";
import { forEach, namesAsRows } from "../container/each.ts";
import { isSet } from "../flag-values.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Remove one or more volumes with their data",
  examples: [{ line: "berth volume rm data", does: "Remove a volume that no container mounts" }],
  flags: [{ name: "force", short: "f", type: "boolean", help: "Do not mind a missing volume" }],
  args: [{ name: "VOLUME", variadic: true, subject: "volume" }],
  async *run({ engine }, input) {
    return yield* forEach(input.args, (name) => engine.volumes.remove(name, { force: isSet(input, "force") }));
  },
  ...namesAsRows,
});

export default spec;
