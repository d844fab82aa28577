/** `wait`. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { until } from "../process/index.ts";
import { type ContainerRecord, findById, findContainer, isRunning } from "../record/index.ts";
import type { WaitCondition } from "../types.ts";
import { awaitEnd, exitCodeOf, lastExitOf } from "./await-end.ts";

/** See index.ts. @throws EngineError `cancelled` */
export async function waitForContainer(
  ground: Ground,
  ref: string,
  condition: WaitCondition = "not-running",
  signal?: AbortSignal,
  onWaiting?: () => void,
): Promise<number> {
  const record = findContainer(ground, ref);
  onWaiting?.();
  if (condition === "removed") return waitForRemoval(ground, record, signal);
  if (condition === "next-exit" && !isRunning(record)) await waitForStart(ground, record, signal);
  // For docker one that waits for its restart is running: the end of its next run counts, and each run's end is one.
  if (record.status === "restarting") await waitForNextRun(ground, record, signal);
  const ended = await awaitEnd(ground, record.id, { signal, orRestart: true });
  return ended ? ended.exitCode : exitCodeOf(ground, record, record.started);
}

/** It may be started, and end, any number of times before: the last end counts. */
async function waitForRemoval(ground: Ground, { id, exitCode }: ContainerRecord, signal: AbortSignal | undefined): Promise<number> {
  for (let now = findById(ground, id); now; now = findById(ground, id)) {
    await awaitEnd(ground, id, { signal });
    const ended = findById(ground, id);
    if (ended) await waitForStart(ground, ended, signal);
  }
  return lastExitOf(ground, id) ?? exitCode;
}

/** Or for its removal. */
async function waitForStart(ground: Ground, { id, started }: ContainerRecord, signal: AbortSignal | undefined): Promise<void> {
  await until(ground, () => ((findById(ground, id)?.started ?? "") !== started ? true : undefined), { signal });
  if (signal?.aborted) throw new EngineError("cancelled", "cancelled");
}

/** Or until it is not to be restarted any more. */
async function waitForNextRun(ground: Ground, { id, started }: ContainerRecord, signal: AbortSignal | undefined): Promise<void> {
  const isOver = () => {
    const now = findById(ground, id);
    return now?.status !== "restarting" || now.started !== started || undefined;
  };
  await until(ground, isOver, { signal });
  if (signal?.aborted) throw new EngineError("cancelled", "cancelled");
}
