/** What conmon starts when a container's process has ended: `berth internal container-exited ID`. */
import { rmSync } from "node:fs";
import type { House } from "../house.ts";
import { type ContainerRecord, filesOf, findById, isRunning, lockContainer } from "./record.ts";
import { settleExit } from "./settle.ts";

/** Records the end, removes the container (--rm) or starts it again (restart policy). Fine for a container that never started. */
export async function containerExited(house: House, id: string): Promise<void> {
  using _ = house.db.recordLater();
  let record = findById(house, id);
  if (record && !isRunning(record)) record = await awaitStart(house, id);
  if (!record) return;
  // By the time this process is up, the container may run again, under another monitor.
  const now = await settleExit(house, id, { byMonitor: record.monitorPid === process.ppid });
  if (now?.status === "restarting") await (await import("./restart-policy.ts")).restartLater(house, now);
}

/** A process may end before its start is recorded. If the start was undone, nobody will read the exit file. */
async function awaitStart(house: House, id: string): Promise<ContainerRecord | undefined> {
  using _ = await lockContainer(house, id);
  const record = findById(house, id);
  if (record && !isRunning(record)) rmSync(filesOf(house, id).exit, { force: true });
  return record;
}
