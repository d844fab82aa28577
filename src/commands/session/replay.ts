/** `berth replay`: a recorded script again, compared with what it printed then. The shell opens it, as it does `repl`. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  summary: "Run a recorded script and compare what it prints",
  description:
    "What a line prints is compared with the '#>' comments below it; a line without any is only run. Ids, times, ports and addresses that are chosen anew each time count as the same. A difference is shown as a diff, and the exit status is 3.",
  examples: [
    { line: "berth replay deploy.berth", does: "Do again what was recorded, and say what is different" },
    { line: "berth replay --update deploy.berth", does: "Take what it prints now for what it should print" },
  ],
  flags: [
    { name: "var", short: "v", type: "list", placeholder: "NAME=VALUE", help: "Bind a variable; may be repeated" },
    { name: "update", type: "boolean", help: "Write what the lines print now below them" },
  ],
  args: [
    { name: "FILE", subject: "file", help: "Script to run" },
    { name: "ARG", optional: true, variadic: true, help: "Bound to $1, $2, … in the script" },
  ],
  stopsAtArgs: true,
  async *run() {
    throw new EngineError("unsupported", "cannot open a session inside another", { hint: "'source FILE' runs a script here", exit: 1 });
  },
});

export default spec;
