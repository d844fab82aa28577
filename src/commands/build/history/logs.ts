/** `berth builder history logs`: what the steps of a build wrote, as `build --progress plain` shows it. */
import { type CommandSpec, command } from "../../command.ts";
import { isSet } from "../../flag-values.ts";
import { refArg } from "./ref.ts";

const spec: CommandSpec<void> = command<void>({
  summary: "Print the logs of a build",
  description: "Of each build 8 MiB of output are kept, of all together 64 MiB.",
  examples: [
    { line: "berth builder history logs", does: "Print what the newest build wrote" },
    { line: "berth builder history logs -f", does: "Go on with what it writes while it runs" },
  ],
  flags: [
    { name: "follow", short: "f", type: "boolean", help: "Go on until the build ends" },
    {
      name: "progress",
      type: "string",
      placeholder: "TYPE",
      default: "plain",
      choices: ["plain", "rawjson", "tty"],
      help: "How it is shown",
    },
  ],
  args: [refArg],
  async *run({ engine, signal }, input) {
    yield* engine.builder.replay(input.args[0] ?? "", { follow: isSet(input, "follow"), signal });
  },
});

export default spec;
