/** `berth complete -- WORD…`: the candidates for the last word. What the shells' completion scripts call; not for people. */

import { type CommandSpec, command } from "../command.ts";
import { complete } from "../complete.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Print completion candidates for a command line",
  examples: [{ line: "berth complete -- stop we", does: "Print the running containers whose names begin with 'we'" }],
  flags: [],
  args: [{ name: "WORD", optional: true, variadic: true }],
  stopsAtArgs: true,
  async *run(context, input) {
    return complete(context, input.args);
  },
  present: (lines) => ({ kind: "lines", lines }),
});

export default spec;
