/**
 * Containers after a crash or a reboot: what a dead process was making is undone, what ended unseen is written down,
 * what goes on without us is left alone. Runs before the first verb of a process, and its cheap half before each question.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { House } from "../house.ts";
import { killProcess } from "../process/kill.ts";
import type { Row } from "../state/db.ts";
import { isAlive } from "../state/owner.ts";
import { watchExit } from "../sys/pidfd.ts";
import { releaseBundle, volumesOf } from "./bundle.ts";
import { destroyContainer, removeVolumes } from "./destroy.ts";
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
  if (record.status === "removing") return await destroyContainer(house, id, { volumes: record.error === removeVolumes });
  if (record.direct) {
    await recordExit(house, record, { status: 137, error: "berth ended while it ran this container" });
    return;
  }
  if (record.status === "created" || record.status === "exited") await releaseBundle(house, id, volumesOf(record));
}

/** Monitors and runtimes started for the container by the dead process; they carry its id in their arguments. */
export async function killLeftovers(house: House, id: string): Promise<void> {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const found = pids.filter((pid) => isLeftover(house, pid, id));
  const ends = found.map((pid) => watchExit(pid));
  for (const pid of found) killProcess(pid);
  await Promise.all(ends);
}

function isLeftover(house: House, pid: number, id: string): boolean {
  let words: string[];
  try {
    words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return false;
  }
  // The state directory is among the arguments, so that no other house's container is meant.
  return pid !== process.pid && words.includes(id) && words.includes(house.paths.runtime);
}
