/** From the start of the process to the first frame of the terminal UI on a real PTY, and to the first row of what is read. */
import { Driver, launcher } from "../../support/driver.ts";
import type { Condition } from "../../support/screen.ts";
import type { Case } from "../case.ts";
import { sleeper } from "../contender.ts";

const until = (condition: Condition): Case["sample"] =>
  async function sample(contender) {
    const [program, ...args] = contender.command();
    if (program !== launcher) return undefined;
    const started = performance.now();
    await using terminal = new Driver(args, { columns: 120, rows: 40 });
    await terminal.screen.waitFor(condition);
    const elapsed = performance.now() - started;
    terminal.type("q");
    await terminal.exited;
    return elapsed;
  };

export const tui: readonly Case[] = [
  { id: "tui/frame", title: "TUI, first frame (kept by the start before)", aim: "≤ 110 ms", runs: 10, sample: until(/q quit/) },
  { id: "tui/data", title: "TUI, first frame with data", aim: "≤ 230 ms", runs: 10, sample: until(sleeper) },
];
