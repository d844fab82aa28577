/**
 * What reconcile.ts has found, put in order: containers whose process has ended unseen, and what a dead process was making. A file of its
 * own, as mostly nothing is found, and it takes what starts and ends containers.
 */
import { killLeftovers } from "../../runtime/leftovers.ts";
import type { Ground } from "../../state/ground.ts";
import { isAlive } from "../../sys/owner.ts";
import { type ContainerRecord, findById, lockContainer, removingWithVolumes } from "../record/index.ts";
import { releaseBundle, volumesOf } from "./bundle.ts";
import { destroyContainer } from "./destroy.ts";
import { recordExit, settleExit } from "./settle.ts";

/** Its process has ended. If its monitor lives, that is about to report the status; if the berth that runs it lives, that records the end. */
export async function settleLost(ground: Ground, record: ContainerRecord): Promise<void> {
  const watched = isAlive(record.monitorPid, record.monitorStart);
  if (record.direct) {
    if (!watched) await cleanContainer(ground, record.id);
    return;
  }
  const now = await settleExit(ground, record.id);
  if (now?.status === "restarting") await resumeRestart(ground, record.id);
}

/** Between two runs of a restart policy: a process waits for the next one; if it died, a new process takes over. */
export async function resumeRestart(ground: Ground, id: string): Promise<void> {
  const isOrphan = (record: ContainerRecord | undefined) =>
    record?.status === "restarting" && !isAlive(record.monitorPid, record.monitorStart);
  if (!isOrphan(findById(ground, id))) return;
  using _ = await lockContainer(ground, id);
  if (!isOrphan(findById(ground, id))) return;
  const { restartUnattended } = await import("./restart-policy.ts");
  ground.db.update("containers", "id", id, restartUnattended(ground, id));
}

/**
 * Undoes what a dead process was doing with a container: creating or removing it (it goes), starting it (it is as
 * before), running it without a monitor (it goes, with its processes: nobody reads what they write). Idempotent.
 */
export async function cleanContainer(ground: Ground, id: string): Promise<void> {
  using _ = await lockContainer(ground, id);
  const record = findById(ground, id);
  if (record?.status === "running" && !record.direct) return; // the start was complete: adopted
  if (record?.direct && isAlive(record.monitorPid, record.monitorStart)) return;
  await killLeftovers(ground, id);
  if (!record || record.status === "creating") return await destroyContainer(ground, id, { volumes: record !== undefined });
  if (record.status === "removing") return await destroyContainer(ground, id, { volumes: record.error === removingWithVolumes });
  if (record.direct) {
    await recordExit(ground, record, { status: 137, error: "berth ended while it ran this container" });
    return;
  }
  // A restart of a --rm container died between its end and its start.
  if (record.host.AutoRemove && record.status === "exited") return await destroyContainer(ground, id, { volumes: true });
  if (record.status === "created" || record.status === "exited") await releaseBundle(ground, id, volumesOf(record));
}
