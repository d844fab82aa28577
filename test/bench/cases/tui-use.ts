/**
 * The terminal UI in use, at a real PTY: what it costs while nobody touches it (processor time, which a busy machine hardly moves),
 * and how long keys and output take to the screen.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Driver, type DriverOptions, launcher } from "../../support/driver.ts";
import type { Case } from "../case.ts";
import { type Contender, image, sleeper } from "../contender.ts";
import { outputOf, summarise } from "../measure.ts";
import { clear, createCrowd, createSome, startMany } from "./scale.ts";

/** Milliseconds after which the lists are read and what was only needed for that is given back, and over which a share is taken. */
const settling = 10_000;
const watched = 15_000;

const small = { columns: 120, rows: 40 };
const large = { columns: 200, rows: 60 };

type Measure = (terminal: Driver) => Promise<number>;

/** Nothing for contenders that have no such UI. */
async function withTui(contender: Contender, size: DriverOptions, measure: Measure): Promise<number | undefined> {
  const [program, ...args] = contender.command();
  if (program !== launcher) return undefined;
  await using terminal = new Driver(args, size);
  await terminal.screen.waitFor(/Containers \d/);
  return await measure(terminal);
}

/** A user's configuration by which nothing is measured. */
function withoutStats(contender: Contender): DriverOptions {
  const home = join(dirname(contender.root), "without-stats");
  mkdirSync(join(home, "berth"), { recursive: true });
  writeFileSync(join(home, "berth/config.yaml"), "refresh: off\n");
  return { env: { XDG_CONFIG_HOME: home } };
}

/** Milliseconds of processor time of all threads, which the kernel counts in nanoseconds (sched-stats.rst). */
function processorTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, id) => sum + Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, "latin1").split(" ")[0]), 0) / 1e6;
}

const share: Measure = async ({ pid }) => {
  await setTimeout(settling);
  const [before, started] = [processorTime(pid), performance.now()];
  await setTimeout(watched);
  return ((processorTime(pid) - before) / (performance.now() - started)) * 100;
};

/** As most of a day: not in the first minute of what runs, whose ages count seconds. */
const shareOfGrownUp: Measure = async (terminal) => {
  await terminal.screen.waitFor((text) => text.includes("Up ") && !/Up (Less than a|\d+) second/.test(text), 120_000);
  return await share(terminal);
};

const resident = ({ pid }: Driver) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) / 1024;

const residentSet: Measure = async (terminal) => {
  await setTimeout(settling);
  return resident(terminal);
};

const flood = "bench-flood";

/** The words of a container that writes as much as its monitor takes. */
const flooding = ["run", "-d", "--name", flood, image, "yes", "a line of some fifty characters, as many logs have"];

/** Beside its log in the list, then in it: what a whole hour of a busy server writes comes by meanwhile. */
const besideFlood: Measure = async (terminal) => {
  await terminal.press(`/${flood}\r`, "1 of ");
  await setTimeout(watched);
  await terminal.press("l", `logs of ${flood}`);
  await setTimeout(watched);
  return resident(terminal);
};

/** From the start of the program to the last row of a list that is longer than the screen. */
async function wholeList(contender: Contender): Promise<number | undefined> {
  const started = performance.now();
  return await withTui(contender, large, async (terminal) => {
    await terminal.screen.waitFor((text) => text.includes(`Containers ${some + 1}`) && text.split("bench-crowd-").length > large.rows - 10);
    return performance.now() - started;
  });
}

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

/** Rows of a long list. */
const some = 200;

const sizeOf = ({ columns, rows }: typeof small) => `${columns}×${rows}`;

const idle = [small, large].map(
  (size): Case => ({
    id: `tui-use/idle-${size.columns}`,
    title: `TUI left alone, 100 running, ${sizeOf(size)}: % of a core`,
    aim: "≤ 2 %",
    runs: 1,
    isWarm: true,
    prepare: startMany,
    sample: (contender) => withTui(contender, size, shareOfGrownUp),
    finish: clear,
  }),
);

export const tuiUse: readonly Case[] = [
  ...idle,
  {
    id: "tui-use/idle-without-stats",
    title: `TUI left alone, 100 running, nothing measured, ${sizeOf(large)}: % of a core`,
    aim: "≤ 0.3 %",
    runs: 1,
    isWarm: true,
    prepare: startMany,
    sample: (contender) => withTui(contender, { ...large, ...withoutStats(contender) }, shareOfGrownUp),
    finish: clear,
  },
  {
    id: "tui-use/list",
    title: `TUI, start to the full list of ${some}, ${sizeOf(large)}`,
    aim: "≤ 230 ms",
    runs: 10,
    prepare: (contender) => createSome(contender, some),
    sample: wholeList,
    finish: clear,
  },
  {
    id: "tui-use/memory",
    title: `TUI, memory with 100 running, ${sizeOf(large)}: MB (RSS)`,
    aim: "≤ 110 MB",
    runs: 1,
    isWarm: true,
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
  {
    id: "tui-use/flood",
    title: `TUI, memory beside a log that is flooded, ${sizeOf(large)}: MB (RSS)`,
    aim: "≤ 150 MB",
    runs: 1,
    isWarm: true,
    prepare: (contender) => void outputOf(contender.command(...flooding)),
    sample: (contender) => withTui(contender, large, besideFlood),
    finish: (contender) => void outputOf(contender.command("rm", "-f", flood)),
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
      isWarm: runs === 1,
      sample: (contender) => withTui(contender, large, measure),
    }),
  ),
];
