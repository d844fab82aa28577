/** A container's first process: where its pid is recorded, signals to it. Its end is await-end.ts. */
import { readFileSync } from "node:fs";
import type { Ground } from "../../state/ground.ts";
import { startOf } from "../../sys/owner.ts";
import { signalProcess } from "../../sys/pidfd.ts";
import { type ContainerRecord, filesOf, findById, isRunning } from "../record/index.ts";
import { until } from "./until.ts";

type Located = Pick<ContainerRecord, "id" | "pid" | "pidStart" | "direct">;

/** The recorded process; one that was started a moment ago without a monitor is only in the runtime's pidfile yet. */
export function processOf(ground: Ground, record: Located): { pid: number; start: string } | undefined {
  if (record.pid > 0) return { pid: record.pid, start: record.pidStart };
  if (!record.direct) return undefined;
  const pid = readPidfile(filesOf(ground, record.id).pidfile);
  return pid === undefined ? undefined : { pid, start: startOf(pid) };
}

function readPidfile(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "latin1")) || undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds for a runtime to bring a process up. */
const startPatience = 10_000;

/**
 * Sends a signal to a container's first process; one that is being started gets it as soon as it is known.
 * @returns false when there is no process (any more)
 */
export async function signalContainer(ground: Ground, id: string, signal: number): Promise<boolean> {
  const look = () => {
    const record = findById(ground, id);
    if (!record || (record.status !== "created" && !isRunning(record)) || record.status === "restarting") return "gone";
    return isRunning(record) ? processOf(ground, record) : undefined;
  };
  const found = await until(ground, look, { timeout: startPatience });
  return typeof found === "object" && found.start !== "" && signalProcess(found.pid, found.start, signal);
}
