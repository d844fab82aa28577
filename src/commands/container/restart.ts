/** `berth restart`: stop and start again. */
import { type CommandSpec, command } from "../command.ts";
import { numberOf, textOf } from "../flag-values.ts";
import { forEachInOrder, namesAsRows } from "./each.ts";
import { refusalAs } from "./refused.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Restart one or more containers",
  examples: [{ line: "berth restart web", does: "Stop the container named web and start it again" }],
  flags: [
    { name: "signal", short: "s", type: "string", placeholder: "SIGNAL", subject: "signal", help: "Signal to stop with" },
    { name: "timeout", short: "t", type: "number", placeholder: "SECONDS", help: "Seconds to wait before killing" },
    { name: "time", type: "number", hidden: true, help: "Same as --timeout" },
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "container" }],
  async *run({ engine }, input) {
    const options = { timeout: numberOf(input, "timeout") ?? numberOf(input, "time"), signal: textOf(input, "signal") || undefined };
    return yield* forEachInOrder(input.args, (name) => refusalAs(1, engine.containers.restart(name, options)));
  },
  ...namesAsRows,
});

export default spec;
