/** `wait`. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { until } from "../process/index.ts";
import { type ContainerRecord, findById, findContainer, isRunning } from "../record/index.ts";
import { awaitEnd, exitCodeOf } from "./await-end.ts";

/** See index.ts. @throws EngineError `cancelled` */
export async function waitForContainer(
  ground: Ground,
  ref: string,
  condition: "not-running" | "next-exit" | "removed" = "not-running",
  signal?: AbortSignal,
): Promise<number> {
  const record = findContainer(ground, ref);
  if (condition === "next-exit" && !isRunning(record)) await waitForStart(ground, record, signal);
  const ended = await awaitEnd(ground, record.id, { signal });
  const status = ended ? ended.exitCode : await exitCodeOf(ground, record, record.started);
  if (condition !== "removed") return status;
  await until(ground, () => (findById(ground, record.id) ? undefined : true), { signal });
  if (signal?.aborted) throw new EngineError("cancelled", "cancelled");
  return status;
}

async function waitForStart(ground: Ground, { id, started }: ContainerRecord, signal: AbortSignal | undefined): Promise<void> {
  await until(ground, () => ((findById(ground, id)?.started ?? "") !== started ? true : undefined), { signal });
  if (signal?.aborted) throw new EngineError("cancelled", "cancelled");
}
