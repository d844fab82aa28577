/** `berth tui`: the terminal user interface. The shell opens it (src/cli.ts); elsewhere there is no terminal to give away. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  summary: "Open the terminal user interface",
  description: "What 'berth' alone does on a terminal.",
  examples: [{ line: "berth tui", does: "Manage containers, images, builds, volumes and networks from the keyboard" }],
  flags: [],
  args: [],
  async *run() {
    throw new EngineError("unsupported", "cannot open the TUI inside another session", {
      hint: "run 'berth tui' in a terminal of its own",
      exit: 1,
    });
  },
});

export default spec;
