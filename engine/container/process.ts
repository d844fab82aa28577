/** A container's first process: where its pid is recorded, whether it lives, signals to it, its end. */
import { readFileSync } from "node:fs";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { isAlive, startOf } from "../state/owner.ts";
import { signalProcess, watchExit } from "../sys/pidfd.ts";
import { type ContainerRecord, filesOf, findById, isRunning } from "./record.ts";
import { settleExit } from "./settle.ts";
import { until } from "./until.ts";

type Located = Pick<ContainerRecord, "id" | "pid" | "pidStart" | "direct">;

/** The recorded process; one that was started a moment ago without a monitor is only in the runtime's pidfile yet. */
export function processOf(house: House, record: Located): { pid: number; start: string } | undefined {
  if (record.pid > 0) return { pid: record.pid, start: record.pidStart };
  if (!record.direct) return undefined;
  const pid = readPidfile(filesOf(house, record.id).pidfile);
  return pid === undefined ? undefined : { pid, start: startOf(pid) };
}

function readPidfile(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "latin1")) || undefined;
  } catch {
    return undefined;
  }
}

export function isProcessAlive(house: House, record: Located): boolean {
  const process = processOf(house, record);
  return process !== undefined && isAlive(process.pid, process.start);
}

/** Milliseconds for a runtime to bring a process up. */
const startPatience = 10_000;

/**
 * Sends a signal to a container's first process; one that is being started gets it as soon as it is known.
 * @returns false when there is no process (any more)
 */
export async function signalContainer(house: House, id: string, signal: number): Promise<boolean> {
  const look = () => {
    const record = findById(house, id);
    if (!record || (record.status !== "created" && !isRunning(record)) || record.status === "restarting") return "gone";
    return isRunning(record) ? processOf(house, record) : undefined;
  };
  const found = await until(house, look, { timeout: startPatience });
  return typeof found === "object" && found.start !== "" && signalProcess(found.pid, found.start, signal);
}

export interface EndOptions {
  signal?: AbortSignal;
  /** Milliseconds; the record as it is by then is the result. */
  timeout?: number;
  /** The end of this run is enough, though a restart policy starts another. */
  orRestart?: boolean;
}

/**
 * Waits for the end of a running container and records it.
 * @returns the record afterwards; undefined when it was removed
 * @throws EngineError `cancelled`
 */
export async function awaitEnd(house: House, id: string, options: EndOptions = {}): Promise<ContainerRecord | undefined> {
  const limit = AbortSignal.any([
    ...(options.signal ? [options.signal] : []),
    ...(options.timeout === undefined ? [] : [AbortSignal.timeout(Math.ceil(options.timeout))]),
  ]);
  for (;;) {
    const record = findById(house, id);
    if (!record || !isRunning(record) || (options.orRestart && record.status === "restarting")) return record;
    if (limit.aborted) {
      if (options.signal?.aborted) throw new EngineError("cancelled", "cancelled");
      return record;
    }
    const process = processOf(house, record);
    if (process && isAlive(process.pid, process.start)) await watchExit(process.pid, limit);
    else await untilSettled(house, record, limit);
  }
}

/** Its process is gone (or not there yet): whoever watches over it writes the end down, or dies too and leaves it to us. */
async function untilSettled(house: House, record: ContainerRecord, signal: AbortSignal): Promise<void> {
  const isOver = () => {
    const now = findById(house, record.id);
    return (
      !now || !isRunning(now) || (now.status === "restarting") !== (record.status === "restarting") || now.pid !== record.pid || undefined
    );
  };
  if (isOver()) return;
  if (!record.direct && record.status !== "restarting") {
    await settleExit(house, record.id, { signal });
    return;
  }
  const changed = await until(house, isOver, { pid: record.monitorPid, signal });
  if (changed || signal.aborted) return;
  const { cleanContainer, resumeRestart } = await import("./reconcile.ts");
  await (record.direct ? cleanContainer : resumeRestart)(house, record.id);
}
