/** `berth record`: a session, or one command line, that leaves a script behind. The shell opens it, as it does `repl`. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  summary: "Record a session, or one command line, as a script that 'berth replay' runs",
  description:
    "Without a command: a prompt as of 'berth repl', or the script on standard input. What goes well is kept as an editable script: ids that later lines name become variables, what is typed at a terminal becomes send and expect, and what was printed stands below each line. Secrets are left out.",
  examples: [
    { line: "berth record deploy.berth", does: "Type commands as at 'berth repl', and keep them" },
    { line: "berth record setup.berth run -it --name setup busybox sh", does: "Keep what is typed in a container's shell" },
  ],
  flags: [],
  args: [
    { name: "FILE", subject: "file", help: "Script to write" },
    { name: "COMMAND", optional: true, subject: "command" },
    { name: "ARG", optional: true, variadic: true, subject: "none" },
  ],
  stopsAtArgs: true,
  async *run() {
    throw new EngineError("unsupported", "cannot open a session inside another", { hint: "'record FILE' records this one", exit: 1 });
  },
});

export default spec;
