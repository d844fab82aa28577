/** Large logs: the end of one, and all of one. */
import type { Case } from "../case.ts";
import { type Contender, image } from "../contender.ts";
import { outputOf, timeOf } from "../measure.ts";

const container = "bench-logs";

/** Writes that many megabytes in lines of 100 bytes, and ends. */
function write(contender: Contender, megabytes: number): void {
  const line = "x".repeat(99);
  const words = ["run", "--name", container, image, "sh", "-c", `yes ${line} | head -c ${megabytes}000000`];
  timeOf(["sh", "-c", '"$@" > /dev/null', "sh", ...contender.command(...words)]);
}

function logsOf(contender: Contender, ...flags: string[]): number {
  return timeOf(["sh", "-c", '"$@" > /dev/null', "sh", ...contender.command("logs", ...flags, container)]);
}

const finish = (contender: Contender) => void outputOf(contender.command("rm", "-f", container));

export const logsTail: Case = {
  id: "logs-tail",
  title: "logs --tail 10 of 1 GB",
  aim: "≤ 100 ms",
  runs: 10,
  prepare: (contender) => write(contender, 1000),
  sample: (contender) => logsOf(contender, "--tail", "10"),
  finish,
};

export const logsAll: Case = {
  id: "logs-all",
  title: "logs of 100 MB",
  aim: "below docker",
  runs: 5,
  prepare: (contender) => write(contender, 100),
  sample: (contender) => logsOf(contender),
  finish,
};
