/**
 * The terminal UI in use, at a real PTY: what it costs while nobody touches it (processor time, which a busy machine hardly moves),
 * and how long keys and output take to the screen.
 */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Driver, type DriverOptions, launcher } from "../../support/driver.ts";
import type { Case } from "../case.ts";
import { type Contender, sleeper } from "../contender.ts";
import { summarise } from "../measure.ts";
import { clear, createCrowd, startMany } from "./scale.ts";

/** Milliseconds after which the lists are read and what was only needed for that is given back, and over which a share is taken. */
const settling = 8000;
const watched = 20_000;

const small = { columns: 120, rows: 40 };
const large = { columns: 200, rows: 60 };

type Measure = (terminal: Driver) => Promise<number>;

/** Nothing for contenders that have no such UI. */
async function withTui(contender: Contender, size: DriverOptions, measure: Measure): Promise<number | undefined> {
  const [program, ...args] = contender.command();
  if (program !== launcher) return undefined;
  await using terminal = new Driver(args, size);
  await terminal.screen.waitFor("Containers 1");
  return await measure(terminal);
}

/** Seconds of processor time: proc(5), in ticks of 10 ms. */
function processorTime(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const share: Measure = async ({ pid }) => {
  await setTimeout(settling);
  const [before, started] = [processorTime(pid), performance.now()];
  await setTimeout(watched);
  return ((processorTime(pid) - before) / (performance.now() - started)) * 1e5;
};

const residentSet: Measure = async ({ pid }) => {
  await setTimeout(settling);
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) / 1024;
};

/** The 95th percentile of a hundred keys, each pressed when the one before is on the screen. */
const keys: Measure = async (terminal) => {
  const times: number[] = [];
  for (let key = 0; key < 100; key++) {
    const row = key % 20;
    const isDown = Math.floor(key / 20) % 2 === 0;
    const goal = 3 + (isDown ? row + 1 : 19 - row);
    times.push(await timed(() => terminal.press(isDown ? "j" : "k", () => terminal.screen.styled(goal).startsWith("⟦i"))));
  }
  return summarise(times).times[94]!;
};

async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

/** A shell in the container that always runs. */
async function openShell(terminal: Driver): Promise<void> {
  await terminal.press(`:exec -it ${sleeper} sh\r`, /^\/ #/m);
}

const echo: Measure = async (terminal) => {
  await openShell(terminal);
  const times: number[] = [];
  for (let typed = "x"; typed.length <= 50; typed += "x") times.push(await timed(() => terminal.press("x", `# ${typed}`)));
  return summarise(times).median;
};

const cat: Measure = async (terminal) => {
  await openShell(terminal);
  await terminal.press(
    "yes 'a line of some fifty characters, as many logs have' | head -c 10000000 > /tmp/big; echo it is 'there'\r",
    "it is there",
  );
  return await timed(() => terminal.press("cat /tmp/big; echo that was 'all'\r", "that was all"));
};

const tops: Measure = async (terminal) => {
  for (let count = 1; count <= 8; count++) {
    await terminal.press(`${count > 1 ? "\x02" : ""}:exec -it ${sleeper} top -d 1\r`, new RegExp(`(^|\\s)${count} exec`, "m"));
  }
  return await share(terminal);
};

const sizeOf = ({ columns, rows }: typeof small) => `${columns}×${rows}`;

const idle = [small, large].map(
  (size): Case => ({
    id: `tui-use/idle-${size.columns}`,
    title: `TUI left alone, 100 running, ${sizeOf(size)}: % of a core`,
    aim: "≤ 2 %",
    runs: 1,
    prepare: startMany,
    sample: (contender) => withTui(contender, size, share),
    finish: clear,
  }),
);

export const tuiUse: readonly Case[] = [
  ...idle,
  {
    id: "tui-use/memory",
    title: `TUI, memory with 100 running, ${sizeOf(large)}: MB (RSS)`,
    aim: "≤ 110 MB",
    runs: 3,
    prepare: startMany,
    sample: (contender) => withTui(contender, large, residentSet),
    finish: clear,
  },
  {
    id: "tui-use/key",
    title: "TUI, key to screen in a list of 1,000, 95th percentile",
    aim: "≤ 16 ms",
    runs: 3,
    prepare: createCrowd,
    sample: (contender) => withTui(contender, small, keys),
    finish: clear,
  },
  ...(
    [
      ["echo", "TUI, echo of a key in a terminal, median", "≤ 10 ms", echo, 3],
      ["cat", "TUI, cat of 10 MB in a terminal", "≤ 1.5 s", cat, 3],
      ["tops", "TUI, eight terminals of top: % of a core", "≤ 20 %", tops, 1],
    ] as const
  ).map(
    ([name, title, aim, measure, runs]): Case => ({
      id: `tui-use/${name}`,
      title,
      aim,
      runs,
      sample: (contender) => withTui(contender, large, measure),
    }),
  ),
];
