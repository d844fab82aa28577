/**
 * Recording that a container's process has ended: status, event, and everything the run needed given back. The process that
 * notices first does it — the monitor's exit command, an attached client, `stop`, the next command — under the lock.
 */
import { readFileSync, rmSync } from "node:fs";
import { cgroupDirectory } from "../../runtime/cgroup.ts";
import type { Ground } from "../../state/ground.ts";
import { isAlive } from "../../sys/owner.ts";
import { groupOf, until } from "../process/index.ts";
import { type ContainerRecord, emitContainer, filesOf, findById, isRunning, lockContainer, timestamp } from "../record/index.ts";
import { releaseRun, volumesOf } from "./bundle.ts";
import { beginRemoval } from "./destroy.ts";
import { markRecorded, wasHeldBack } from "./ending.ts";

/** When the monitor died before it could say: docker's status for containers whose end it missed. */
const unknownStatus = 255;

export interface SettleOptions {
  signal?: AbortSignal;
  /** Asked by the monitor, which waits for the answer: what it has not written by now (its disk is full), it never will. */
  byMonitor?: boolean;
}

export interface Exit {
  status: number;
  error: string;
}

/**
 * Waits for the monitor's exit file (or its death) after the process has ended, and records the exit.
 * @returns the record afterwards; undefined when the container was removed (--rm)
 */
export async function settleExit(ground: Ground, id: string, options: SettleOptions = {}): Promise<ContainerRecord | undefined> {
  const record = findById(ground, id);
  if (!record || !isRunning(record) || record.status === "restarting") return record;
  const exit = await findExit(ground, record, options);
  if (!exit) return record;
  using _ = await lockContainer(ground, id);
  const now = findById(ground, id);
  if (exit === "recorded" || !isSameRun(now, record)) return now;
  return await recordExit(ground, now, exit); // awaited here: the lock is held until it is done
}

/** False once another process has recorded the end of the run; the container may even have been started again. */
function isSameRun(now: ContainerRecord | undefined, record: ContainerRecord): now is ContainerRecord {
  return now !== undefined && isRunning(now) && now.status !== "restarting" && now.started === record.started;
}

/**
 * conmon writes the exit file once it has drained the container's output. Who records the exit writes the row, then
 * removes the file: the monitor's exit command, coming late, must not wait for it, as its own parent waits for it.
 */
async function findExit(
  ground: Ground,
  record: ContainerRecord,
  { signal, byMonitor }: SettleOptions,
): Promise<Exit | "recorded" | undefined> {
  const look = () => readExit(ground, record.id) ?? (isSameRun(findById(ground, record.id), record) ? undefined : "recorded");
  const found = look();
  if (found) return found;
  if (!byMonitor && record.monitorPid > 0 && isAlive(record.monitorPid, record.monitorStart)) {
    const written = await until(ground, look, { pid: record.monitorPid, signal });
    if (written || signal?.aborted) return written;
  }
  return look() ?? { status: unknownStatus, error: "its monitor did not say how it ended: the exit status is not known" };
}

/** The exit file holds the status in decimal. */
function readExit(ground: Ground, id: string): Exit | undefined {
  try {
    const text = readFileSync(filesOf(ground, id).exit, "latin1").trim();
    return text === "" ? undefined : { status: Number(text), error: "" };
  } catch {
    return undefined;
  }
}

/** With the container's lock held. Removes the container when it is to go with its process. */
export async function recordExit(ground: Ground, record: ContainerRecord, exit: Exit): Promise<ContainerRecord | undefined> {
  const oomKilled = wasOomKilled(groupOf(ground, record.id));
  const again = willRestart(record, exit.status) && !wasHeldBack(ground, record.id);
  const finished = timestamp();
  const changes = {
    status: again ? "restarting" : "exited",
    pid: 0,
    pid_start: "",
    exit_code: exit.status,
    error: exit.error,
    oom_killed: Number(oomKilled),
    finished,
    direct: 0,
  };
  await releaseRun(ground, record.id, volumesOf(record));
  const remove = ground.db.transaction(() => {
    ground.db.update("containers", "id", record.id, { ...changes, ...(!again && { monitor_pid: 0, monitor_start: "" }) });
    if (oomKilled) emitContainer(ground, record, "oom");
    emitContainer(ground, record, "die", { exitCode: String(exit.status), execDuration: String(secondsSince(record.started)) });
    const isToGo = record.host.AutoRemove && !record.stoppedToRestart;
    return isToGo ? beginRemoval(ground, record.id, { volumes: true, released: true }) : undefined;
  });
  if (!again && !record.direct) markRecorded(ground, record.id);
  rmSync(filesOf(ground, record.id).exit, { force: true });
  if (!remove) return findById(ground, record.id);
  await remove();
  return undefined;
}

function secondsSince(started: string): number {
  const from = Date.parse(started);
  return Number.isNaN(from) || from < 0 ? 0 : Math.max(0, Math.floor((Date.now() - from) / 1000));
}

/** Restart policy; a container that the user stopped stays stopped. */
function willRestart({ host, stoppedByUser, restartCount }: ContainerRecord, status: number): boolean {
  if (stoppedByUser) return false;
  const { Name = "no", MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  if (Name === "always" || Name === "unless-stopped") return true;
  return Name === "on-failure" && status !== 0 && (MaximumRetryCount === 0 || restartCount < MaximumRetryCount);
}

/**
 * docker: "a process within this container", not only its first. The kernel counts OOM kills per control group; the
 * group is still there, as the runtime's container is.
 */
function wasOomKilled(group: string): boolean {
  const directory = cgroupDirectory(group, "memory");
  for (const file of ["memory.oom_control", "memory.events"]) {
    try {
      const count = /^oom_kill (\d+)$/m.exec(readFileSync(`${directory}/${file}`, "latin1"))?.[1];
      if (count !== undefined) return Number(count) > 0;
    } catch {
      // the other layout's file
    }
  }
  return false;
}
