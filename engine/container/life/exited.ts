/** What conmon starts when a container's process has ended: `berth internal container-exited ID`. */
import { rmSync } from "node:fs";
import type { Ground } from "../../state/ground.ts";
import { type ContainerRecord, filesOf, findById, isRunning, lockContainer } from "../record/index.ts";
import { settleExit } from "./settle.ts";

/** Records the end, removes the container (--rm) or starts it again (restart policy). Fine for a container that never started. */
export async function containerExited(ground: Ground, id: string): Promise<void> {
  using _ = ground.db.recordLater();
  let record = findById(ground, id);
  if (record && !isRunning(record)) record = await awaitStart(ground, id);
  if (!record) return;
  // By the time this process is up, the container may run again, under another monitor.
  const now = await settleExit(ground, id, { byMonitor: record.monitorPid === process.ppid });
  if (now?.status === "restarting") await (await import("./restart-policy.ts")).restartLater(ground, now);
}

/** A process may end before its start is recorded. If the start was undone, nothing will read the exit file. */
async function awaitStart(ground: Ground, id: string): Promise<ContainerRecord | undefined> {
  using _ = await lockContainer(ground, id);
  const record = findById(ground, id);
  if (record && !isRunning(record)) rmSync(filesOf(ground, id).exit, { force: true });
  return record;
}
