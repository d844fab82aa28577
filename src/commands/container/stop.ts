/** `berth stop`: ask containers to end, then kill what does not. */
import { type CommandSpec, command } from "../command.ts";
import { numberOf, textOf } from "../flag-values.ts";
import { forEach, namesAsRows } from "./each.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Stop one or more running containers",
  description: "Sends the container's stop signal (SIGTERM unless the image or --stop-signal says otherwise), waits, then kills.",
  examples: [
    { line: "berth stop web", does: "Stop the container named web" },
    { line: "berth stop -t 1 web db", does: "Stop two, waiting at most a second for each" },
  ],
  flags: [
    { name: "signal", short: "s", type: "string", placeholder: "SIGNAL", subject: "signal", help: "Signal to send first" },
    {
      name: "timeout",
      short: "t",
      type: "number",
      placeholder: "SECONDS",
      help: "Seconds to wait before killing; -1 waits for ever (default: the container's own, else 10)",
    },
    { name: "time", type: "number", hidden: true, help: "Same as --timeout" },
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "running-container" }],
  async *run({ engine }, input) {
    const options = { timeout: numberOf(input, "timeout") ?? numberOf(input, "time"), signal: textOf(input, "signal") || undefined };
    return yield* forEach(input.args, (name) => engine.containers.stop(name, options));
  },
  ...namesAsRows,
});

export default spec;
