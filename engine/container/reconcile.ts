/**
 * Containers after a crash or a reboot: what a dead process was making is undone, what ended unseen is written down,
 * what goes on without us is left alone. Runs before the first verb of a process, and its cheap half before each question.
 */
import type { House } from "../house.ts";
import { killLeftovers } from "../runtime/leftovers.ts";
import type { Row } from "../state/db.ts";
import { isAlive } from "../state/owner.ts";
import { removingWithVolumes } from "../volume/ensure.ts";
import { releaseBundle, volumesOf } from "./bundle.ts";
import { destroyContainer } from "./destroy.ts";
import { type ContainerRecord, findById, lockContainer, needsSupervisor, toRecord } from "./record.ts";
import { hasEnded, recordExit, settleExit } from "./settle.ts";

/** One query, and one look at /proc for each running container. */
export async function reconcileContainers(house: House): Promise<void> {
  let wanted = false;
  for (const row of house.db.all<Row>("SELECT * FROM containers WHERE status IN ('running', 'paused', 'restarting')")) {
    const record = toRecord(row);
    if (record.status === "restarting") await resumeRestart(house, record);
    else if (hasEnded(house, record)) await settleLost(house, record);
    else wanted ||= needsSupervisor(record);
  }
  // One that was killed is missed by whoever comes next.
  if (wanted) (await import("./supervise.ts")).ensureSupervisor(house);
}

/** Its process has ended. A live monitor is about to say how; a live berth that runs it itself writes it down itself. */
async function settleLost(house: House, record: ContainerRecord): Promise<void> {
  const watched = isAlive(record.monitorPid, record.monitorStart);
  if (record.direct) {
    if (!watched) await cleanContainer(house, record.id);
    return;
  }
  await settleExit(house, record.id);
}

/** Between two runs of a restart policy: somebody holds the wait, or nobody does any more. */
async function resumeRestart(house: House, record: ContainerRecord): Promise<void> {
  if (isAlive(record.monitorPid, record.monitorStart)) return;
  using _ = await lockContainer(house, record.id);
  const now = findById(house, record.id);
  if (now?.status !== "restarting" || isAlive(now.monitorPid, now.monitorStart)) return;
  house.db.update("containers", "id", record.id, {
    status: "exited",
    monitor_pid: 0,
    monitor_start: "",
    error: "the restart policy was interrupted",
  });
}

/**
 * Undoes what a dead process was doing with a container: creating or removing it (it goes), starting it (it is as
 * before), running it without a monitor (it goes, with its processes: nobody reads what they write). Idempotent.
 */
export async function cleanContainer(house: House, id: string): Promise<void> {
  using _ = await lockContainer(house, id);
  const record = findById(house, id);
  if (record?.status === "running" && !record.direct) return; // the start was complete: adopted
  if (record?.direct && isAlive(record.monitorPid, record.monitorStart)) return;
  await killLeftovers(house, id);
  if (!record || record.status === "creating") return await destroyContainer(house, id, { volumes: record !== undefined });
  if (record.status === "removing") return await destroyContainer(house, id, { volumes: record.error === removingWithVolumes });
  if (record.direct) {
    await recordExit(house, record, { status: 137, error: "berth ended while it ran this container" });
    return;
  }
  if (record.status === "created" || record.status === "exited") await releaseBundle(house, id, volumesOf(record));
}
