/** A log of 1.5 GB in the terminal UI, at a real PTY: from the key to the screen. */
import { closeSync, openSync, writeSync } from "node:fs";
import { Driver, launcher } from "../../support/driver.ts";
import type { Case } from "../case.ts";
import { type Contender, image } from "../contender.ts";
import { outputOf } from "../measure.ts";

const container = "bench-log-view";
const size = 1.5e9;
/** Bytes before the line that is searched. */
const needleAt = 100e6;

const line = (text: string) => `2026-01-01T00:00:00.000000000Z stdout F ${text}\n`;
const some = Array.from({ length: 40_000 }, (_, number) => line(`${number} GET /items/${number % 977} status=200 user=alice`)).join("");

/** A container that has ended, with the log in the place of its own. */
function prepare(contender: Contender): void {
  if (contender.command()[0] !== launcher) return;
  outputOf(contender.command("run", "--name", container, image, "true"));
  const file = openSync(outputOf(contender.command("inspect", "--format", "{{.LogPath}}", container)).trim(), "w");
  for (let written = 0; written < size; written += some.length) {
    writeSync(file, some);
    if (written < needleAt && written + some.length >= needleAt) writeSync(file, line("GET /teapot user=alice"));
  }
  writeSync(file, line("the very end"));
  closeSync(file);
}

const finish = (contender: Contender) => void outputOf(contender.command("rm", "-f", container));

/** Milliseconds from a key to what it brings, in the open log or, for its opening, in the list. */
async function sample(
  contender: Contender,
  act: (terminal: Driver, open: () => Promise<string>) => Promise<unknown>,
): Promise<number | undefined> {
  const [program, ...args] = contender.command();
  if (program !== launcher) return undefined;
  await using terminal = new Driver(args, { columns: 120, rows: 40 });
  await terminal.press(`/${container}\r`, "the very end");
  let started = 0;
  // The list has the last lines, too: what is opened has a title.
  const open = () => terminal.press("l", (text) => text.includes(`logs of ${container}`) && text.includes("the very end"));
  if (act !== opening) await open();
  started = performance.now();
  await act(terminal, open);
  const elapsed = performance.now() - started;
  terminal.type("qq");
  await terminal.exited;
  return elapsed;
}

const opening = (_terminal: Driver, open: () => Promise<string>) => open();

const common = { runs: 5, prepare, finish };

export const logView: readonly Case[] = [
  {
    ...common,
    id: "log-view/open",
    title: "TUI, a log of 1.5 GB opened",
    aim: "≤ 50 ms",
    sample: (contender) => sample(contender, opening),
  },
  {
    ...common,
    id: "log-view/start",
    title: "TUI, jump to its start",
    aim: "≤ 150 ms",
    sample: (contender) => sample(contender, (terminal) => terminal.press("g", /^0 GET/m)),
  },
  {
    ...common,
    id: "log-view/search",
    title: "TUI, regex through 100 MB of it",
    aim: "≤ 1.5 s",
    sample: (contender) =>
      sample(contender, async (terminal) => {
        await terminal.press("g", /^0 GET/m);
        await terminal.press("/tea(pot|cup) user\r", "GET /teapot");
      }),
  },
];
