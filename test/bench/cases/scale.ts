/** Many containers: starting, listing, watching and removing them, and what watching costs while nothing happens. */
import { readdirSync, readFileSync } from "node:fs";
import type { Case } from "../case.ts";
import { type Contender, image } from "../contender.ts";
import { outputOf, timeOf } from "../measure.ts";

const running = 100;
const created = 1000;

const namesOf = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);

/** Containers in one process where there is one for several, else one process each. */
function create(contender: Contender, names: readonly string[]): void {
  const words = (name: string) => ["create", "--name", name, image, "sleep", "86400"];
  if (contender.name !== "berth") for (const name of names) outputOf(contender.command(...words(name)));
  else outputOf(contender.command("repl"), { input: names.map((name) => `${words(name).join(" ")}\n`).join("") });
}

function removeAll(contender: Contender, names: readonly string[]): number {
  return timeOf(contender.command("rm", "-f", ...names));
}

export const createCrowd = (contender: Contender) => create(contender, crowd);
export const createSome = (contender: Contender, count: number) => create(contender, crowd.slice(0, count));

/** Whatever there is of them, after a failure too. */
export function clear(contender: Contender): void {
  const there = outputOf(contender.command("ps", "-aq", "-f", "name=bench-many", "-f", "name=bench-crowd"))
    .split("\n")
    .filter(Boolean);
  if (there.length > 0) removeAll(contender, there);
}

const many = namesOf("bench-many", running);
const crowd = namesOf("bench-crowd", created);

export function startMany(contender: Contender): void {
  create(contender, many);
  outputOf(contender.command("start", ...many));
}

export const startingMany: Case = {
  id: "start-100",
  title: `start of ${running} containers`,
  aim: "≤ 0.5 of docker",
  runs: 1,
  sample(contender) {
    create(contender, many);
    const time = timeOf(contender.command("start", ...many));
    removeAll(contender, many);
    return time;
  },
  finish: clear,
};

export const removeMany: Case = {
  id: "remove-100",
  title: `rm -f of ${running} running containers`,
  aim: "below docker",
  runs: 1,
  sample(contender) {
    startMany(contender);
    return removeAll(contender, many);
  },
  finish: clear,
};

export const statsOfMany: Case = {
  id: "stats-100",
  title: `stats --no-stream of ${running} containers`,
  aim: "≤ 150 ms",
  runs: 10,
  prepare: startMany,
  sample: (contender) => timeOf(contender.command("stats", "--no-stream")),
  finish: clear,
};

export const monitorMemory: Case = {
  id: "monitor-memory",
  title: `memory per running container, kB (PSS), of ${running}`,
  aim: "≤ 500 kB",
  runs: 1,
  prepare: startMany,
  sample: (contender) => pssOfMonitors(contender.root) / (running + 1),
  finish: clear,
};

export const listMany: Case = {
  id: "ps-1000",
  title: `ps -a with ${created} containers`,
  aim: "≤ 120 ms",
  runs: 10,
  prepare: createCrowd,
  sample: (contender) => timeOf(contender.command("ps", "-a")),
  finish: clear,
};

/** Proportional set sizes in kB of the processes that watch a container each: the sleeper's and those of the crowd. */
function pssOfMonitors(root: string): number {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "latin1");
        const [program = ""] = line.split("\0");
        if (!line.includes(root) || !/(conmon|containerd-shim[^/]*)$/.test(program)) return 0;
        return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1] ?? 0);
      } catch {
        return 0; // it has ended
      }
    })
    .reduce((sum, pss) => sum + pss, 0);
}
