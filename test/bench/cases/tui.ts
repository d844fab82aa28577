/** From the start of the process to the first complete frame of the terminal UI on a real PTY. */
import { Driver, launcher } from "../../support/driver.ts";
import type { Case } from "../case.ts";
import { sleeper } from "../contender.ts";

export const tui: Case = {
  id: "tui",
  title: "TUI, first frame with data",
  aim: "≤ 110 ms",
  runs: 10,
  async sample(contender) {
    const [program, ...args] = contender.command();
    if (program !== launcher) return undefined;
    const started = performance.now();
    await using terminal = new Driver(args, { columns: 120, rows: 40 });
    await terminal.screen.waitFor(sleeper);
    const elapsed = performance.now() - started;
    terminal.type("q");
    await terminal.exited;
    return elapsed;
  },
};
