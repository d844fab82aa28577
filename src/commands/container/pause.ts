/** `berth pause`: freeze all processes of containers. */
import { type CommandSpec, command } from "../command.ts";
import { forEach, namesAsRows } from "./each.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Pause all processes within one or more containers",
  examples: [{ line: "berth pause web", does: "Freeze the container until 'berth unpause web'" }],
  flags: [],
  args: [{ name: "CONTAINER", variadic: true, subject: "running-container" }],
  async *run({ engine }, input) {
    return yield* forEach(input.args, (name) => engine.containers.pause(name));
  },
  ...namesAsRows,
});

export default spec;
