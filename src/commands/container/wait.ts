/** `berth wait`: block until containers stop, then print their exit statuses. */
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { forEach, namesAsRows } from "./each.ts";

type Condition = "not-running" | "next-exit" | "removed";

const spec: CommandSpec<number[]> = command({
  summary: "Block until one or more containers stop, then print their exit statuses",
  examples: [{ line: "berth wait job", does: "Wait for the container and print its exit status" }],
  flags: [
    {
      name: "condition",
      type: "string",
      default: "not-running",
      choices: ["not-running", "next-exit", "removed"],
      placeholder: "CONDITION",
      help: "What to wait for: not-running, next-exit or removed",
    },
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "container" }],
  async *run({ engine, signal }, input) {
    return yield* forEach(input.args, (name) => engine.containers.wait(name, textOf(input, "condition") as Condition, signal));
  },
  ...namesAsRows,
});

export default spec;
