/** Waiting for the end of a container's first process, until it is written down. */
import { EngineError } from "../../errors.ts";
import { lastAttributes } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { isAlive } from "../../sys/owner.ts";
import { watchExit } from "../../sys/pidfd.ts";
import { processOf, until } from "../process/index.ts";
import { type ContainerRecord, findById, isRunning } from "../record/index.ts";
import { settleExit } from "./settle.ts";

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
export async function awaitEnd(ground: Ground, id: string, options: EndOptions = {}): Promise<ContainerRecord | undefined> {
  const limit = AbortSignal.any([
    ...(options.signal ? [options.signal] : []),
    ...(options.timeout === undefined ? [] : [AbortSignal.timeout(Math.ceil(options.timeout))]),
  ]);
  for (;;) {
    const record = findById(ground, id);
    if (!record || !isRunning(record) || (options.orRestart && record.status === "restarting")) return record;
    if (limit.aborted) {
      if (options.signal?.aborted) throw new EngineError("cancelled", "cancelled");
      return record;
    }
    const process = processOf(ground, record);
    if (process && isAlive(process.pid, process.start)) await watchExit(process.pid, limit);
    else await untilSettled(ground, record, limit);
  }
}

/** Its process is gone (or not there yet): its monitor, or the berth that runs it, records the end; if that died too, this process does. */
async function untilSettled(ground: Ground, record: ContainerRecord, signal: AbortSignal): Promise<void> {
  const isOver = () => {
    const now = findById(ground, record.id);
    return (
      !now || !isRunning(now) || (now.status === "restarting") !== (record.status === "restarting") || now.pid !== record.pid || undefined
    );
  };
  if (isOver()) return;
  if (!record.direct && record.status !== "restarting") {
    await settleExit(ground, record.id, { signal });
    return;
  }
  const changed = await until(ground, isOver, { pid: record.monitorPid, signal });
  if (changed || signal.aborted) return;
  const { cleanContainer, resumeRestart } = await import("./clean.ts");
  await (record.direct ? cleanContainer : resumeRestart)(ground, record.id);
}

/** The exit status of one run of a container, from its record or, when it went with its process, from its event. */
export async function exitCodeOf(ground: Ground, { id }: Pick<ContainerRecord, "id">, started: string): Promise<number> {
  const now = findById(ground, id);
  const record = now?.started === started ? await awaitEnd(ground, id, { orRestart: true }) : now;
  if (record?.started === started) return record.exitCode;
  return lastExitOf(ground, id) ?? 255;
}

/** Of a container that may be gone: from its last such event. */
export function lastExitOf(ground: Ground, id: string): number | undefined {
  const attributes = lastAttributes(ground, id, "die");
  return attributes && Number(attributes["exitCode"] ?? 255);
}
