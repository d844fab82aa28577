/** `wait`. */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { awaitEnd } from "./process.ts";
import { type ContainerRecord, findById, findContainer, isRunning } from "./record.ts";
import { exitCodeOf } from "./start.ts";
import { until } from "./until.ts";

/** See index.ts. @throws EngineError `cancelled` */
export async function waitVerb(
  house: House,
  ref: string,
  condition: "not-running" | "next-exit" | "removed" = "not-running",
  signal?: AbortSignal,
): Promise<number> {
  const record = findContainer(house, ref);
  if (condition === "next-exit" && !isRunning(record)) await waitForStart(house, record, signal);
  const ended = await awaitEnd(house, record.id, { signal });
  const status = ended ? ended.exitCode : await exitCodeOf(house, record, record.started);
  if (condition !== "removed") return status;
  await until(house, () => (findById(house, record.id) ? undefined : true), { signal });
  if (signal?.aborted) throw new EngineError("cancelled", "cancelled");
  return status;
}

async function waitForStart(house: House, { id, started }: ContainerRecord, signal: AbortSignal | undefined): Promise<void> {
  await until(house, () => ((findById(house, id)?.started ?? "") !== started ? true : undefined), { signal });
  if (signal?.aborted) throw new EngineError("cancelled", "cancelled");
}
