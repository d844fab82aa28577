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
  using _ = house.db.recordLater();
  let wanted = false;
  for (const row of house.db.all<Row>("SELECT * FROM containers WHERE status IN ('running', 'paused', 'restarting')")) {
    const record = toRecord(row);
    if (record.status === "restarting") await resumeRestart(house, record.id);
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
  const now = await settleExit(house, record.id);
  if (now?.status === "restarting") await resumeRestart(house, record.id);
}

/** Between two runs of a restart policy: somebody holds the wait, or nobody does any more, and a new process takes it over. */
export async function resumeRestart(house: House, id: string): Promise<void> {
  const isOrphan = (record: ContainerRecord | undefined) =>
    record?.status === "restarting" && !isAlive(record.monitorPid, record.monitorStart);
  if (!isOrphan(findById(house, id))) return;
  using _ = await lockContainer(house, id);
  if (!isOrphan(findById(house, id))) return;
  const { restartUnattended } = await import("./restart-policy.ts");
  house.db.update("containers", "id", id, restartUnattended(house, id));
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
  // A restart of a --rm container died between its end and its start.
  if (record.host.AutoRemove && record.status === "exited") return await destroyContainer(house, id, { volumes: true });
  if (record.status === "created" || record.status === "exited") await releaseBundle(house, id, volumesOf(record));
}
