/** `berth tui`: the terminal user interface. The shell opens it (src/cli.ts); elsewhere there is no terminal to give away. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { tuiFlags } from "./tui-flags.ts";

const spec: CommandSpec<void> = command({
  summary: "Open the terminal user interface",
  description:
    "What 'berth' alone does on a terminal. It gives the terminal back however it ends, but for a kill -9: after that, --reset does.",
  examples: [
    { line: "berth tui", does: "Manage containers, images, builds, volumes and networks from the keyboard" },
    { line: "berth tui --view images --sort -size", does: "Begin with the images, the smallest first" },
    { line: "berth tui --filter health:unhealthy", does: "Begin with the containers that are not well" },
    { line: "berth tui --reset", does: "Make a terminal usable again that shows nothing of what is typed" },
  ],
  flags: [...tuiFlags, { name: "reset", type: "boolean", help: "Repair the terminal that a killed session left, and open nothing" }],
  args: [],
  async *run() {
    throw new EngineError("unsupported", "cannot open the TUI inside another session", {
      hint: "run 'berth tui' in a terminal of its own",
      exit: 1,
    });
  },
});

export default spec;
