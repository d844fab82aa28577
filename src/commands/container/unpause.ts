/** `berth unpause`: let paused containers go on. */
import { type CommandSpec, command } from "../command.ts";
import { forEach, namesAsRows } from "./each.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Unpause all processes within one or more containers",
  examples: [{ line: "berth unpause web", does: "Let a paused container go on" }],
  flags: [],
  args: [{ name: "CONTAINER", variadic: true, subject: "running-container" }],
  async *run({ engine }, input) {
    return yield* forEach(input.args, (name) => engine.containers.unpause(name));
  },
  ...namesAsRows,
});

export default spec;
