/** What conmon starts when a container's process has ended: `berth internal container-exited ID`. */
import type { House } from "../house.ts";
import { findById } from "./record.ts";
import { settleExit } from "./settle.ts";

/** Records the end, removes the container (--rm) or starts it again (restart policy). Fine for a container that never started. */
export async function containerExited(house: House, id: string): Promise<void> {
  const record = findById(house, id);
  if (!record) return;
  // By the time this process is up, the container may run again, under another monitor.
  const now = await settleExit(house, id, { byMonitor: record.monitorPid === process.ppid });
  if (now?.status === "restarting") await (await import("./restart-policy.ts")).restartLater(house, now);
}
