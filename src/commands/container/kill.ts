/** `berth kill`: send a signal. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { numberOf, textOf } from "../flag-values.ts";
import { forEach, namesAsRows } from "./each.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Kill one or more running containers",
  examples: [
    { line: "berth kill web", does: "Send SIGKILL to the container's first process" },
    { line: "berth kill -s HUP web", does: "Send SIGHUP instead, for instance to reload a configuration" },
    { line: "berth kill -s TERM --process 4711 web", does: "Send SIGTERM to another of its processes, by the PID that 'berth top' shows" },
  ],
  flags: [
    { name: "signal", short: "s", type: "string", default: "KILL", placeholder: "SIGNAL", subject: "signal", help: "Signal to send" },
    { name: "process", type: "number", placeholder: "PID", help: "Send it to this process of the container's, in place of its first" },
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "running-container" }],
  async *run({ engine }, input) {
    const process = numberOf(input, "process");
    if (process !== undefined && !(Number.isInteger(process) && process > 0))
      throw new EngineError("usage", `invalid argument "${process}" for "--process" flag: it must be the number of a process`);
    const options = process === undefined ? {} : { process };
    return yield* forEach(input.args, (name) => engine.containers.kill(name, textOf(input, "signal") || undefined, options));
  },
  ...namesAsRows,
});

export default spec;
