/** A container's first process: where its pid is recorded, signals to it. Its end is await-end.ts. */
import { readFileSync } from "node:fs";
import { cgroupProcesses } from "../../runtime/cgroup.ts";
import type { Ground } from "../../state/ground.ts";
import { startOf } from "../../sys/owner.ts";
import { signalProcess } from "../../sys/pidfd.ts";
import { type ContainerRecord, filesOf, findById, isRunning } from "../record/index.ts";
import { groupOf } from "./group.ts";
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
 * @param record writes down that it was sent, in the same transaction: whoever records the end that it brings does so afterwards
 * @returns false when there is no process (any more)
 */
export async function signalContainer(ground: Ground, id: string, signal: number, record?: () => void): Promise<boolean> {
  const look = () => {
    const now = findById(ground, id);
    if (!now || (now.status !== "created" && !isRunning(now)) || now.status === "restarting") return "gone";
    return isRunning(now) ? processOf(ground, now) : undefined;
  };
  const found = await until(ground, look, { timeout: startPatience });
  if (typeof found !== "object" || found.start === "") return false;
  if (!record) return signalProcess(found.pid, found.start, signal);
  let isSent: boolean | undefined; // once, even where the transaction is tried again
  return ground.db.transaction(() => {
    isSent ??= signalProcess(found.pid, found.start, signal);
    if (isSent) record();
    return isSent;
  });
}

/** Sends a signal to a process of a container's. @returns false when that is none of them (any more) */
export function signalMember(ground: Ground, id: string, pid: number, signal: number): boolean {
  const start = startOf(pid); // before it is looked for: whoever gets the pid later is somebody else
  return cgroupProcesses(groupOf(ground, id)).includes(pid) && signalProcess(pid, start, signal);
}
