/** `berth kill`: send a signal. */
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { forEach, namesAsRows } from "./each.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Kill one or more running containers",
  examples: [
    { line: "berth kill web", does: "Send SIGKILL to the container's first process" },
    { line: "berth kill -s HUP web", does: "Send SIGHUP instead, for instance to reload a configuration" },
  ],
  flags: [
    { name: "signal", short: "s", type: "string", default: "KILL", placeholder: "SIGNAL", subject: "signal", help: "Signal to send" },
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "running-container" }],
  async *run({ engine }, input) {
    return yield* forEach(input.args, (name) => engine.containers.kill(name, textOf(input, "signal")));
  },
  ...namesAsRows,
});

export default spec;
