/** From "not running" to "running" under the lock, or back to what was. Whoever attaches does so before the process runs. */
import { closeSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { startMonitor } from "../../runtime/conmon.ts";
import { runtimeFor } from "../../runtime/select.ts";
import { startProcess } from "../../runtime/start-process.ts";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { startOf } from "../../sys/owner.ts";
import type { TerminalSize } from "../../sys/terminal.ts";
import { entrustLog } from "../logs/index.ts";
import {
  type ContainerRecord,
  emitContainer,
  filesOf,
  findById,
  healthOf,
  lockContainer,
  newHealth,
  refuseDamaged,
  timestamp,
} from "../record/index.ts";
import { prepareBundle, releaseBundle, volumesOf } from "./bundle.ts";
import { destroyContainer } from "./destroy.ts";
import { unlessRecorded } from "./ending.ts";
import { keepRuntime } from "./keep-runtime.ts";
import { ensureKeeper, keeperOf } from "./keepers.ts";
import { awaitedStarts } from "./start-listeners.ts";

export interface StartHooks<T> {
  /** Between creation and start of the process: nothing it writes can be missed. */
  beforeRun?: (created: ContainerRecord) => T | Promise<T>;
  /** Size of the process's terminal, set before the process can ask for it. */
  size?: TerminalSize;
  /** Counts as a restart by policy. */
  isRestart?: boolean;
}

/**
 * Starts a container under its lock. Running already: nothing to do.
 * @throws EngineError what the runtime says; the container is as before, with the error recorded
 */
export async function startContainer<T = undefined>(
  ground: Ground,
  id: string,
  hooks: StartHooks<T> = {},
): Promise<{ record: ContainerRecord; session?: T }> {
  using _ = await lockContainer(ground, id);
  const record = findById(ground, id);
  if (!record || record.status === "removing" || record.status === "creating")
    throw new EngineError("not-found", `No such container: ${id.slice(0, 12)}`);
  if (record.status === "paused")
    throw new EngineError("conflict", "cannot start a paused container, try unpause instead", {
      hint: `let it go on with 'berth unpause ${record.name}'`,
    });
  if (record.status === "running" || (record.status === "restarting" && record.pid > 0)) return { record };
  if (hooks.isRestart && (record.status !== "restarting" || record.stoppedByUser)) return { record }; // held back meanwhile
  refuseDamaged(record);
  ground.db.requireRoom(); // else a container would run that no record tells of
  const lease = takeLease(ground, "container", id);
  try {
    return await launch(ground, record, hooks);
  } catch (error) {
    await undoStart(ground, record, error);
    awaitedStarts(ground).fail(id, error);
    throw error;
  } finally {
    lease.release();
  }
}

async function launch<T>(
  ground: Ground,
  record: ContainerRecord,
  { beforeRun, size, isRestart }: StartHooks<T>,
): Promise<{ record: ContainerRecord; session?: T }> {
  const runtime = runtimeFor(ground, record.host.Runtime);
  const { reserved } = await (await prepareBundle(ground, record, { size })).connect();
  entrustLog(ground, record);
  const { bundle, log } = filesOf(ground, record.id);
  const { config, host } = record;
  let monitored: Awaited<ReturnType<typeof startMonitor>>;
  try {
    monitored = await startMonitor(ground, runtime, {
      id: record.id,
      name: record.name,
      bundle,
      ...(host.LogConfig?.Type !== "none" && { log }),
      terminal: config.Tty ?? false,
      stdin: config.OpenStdin ?? false,
      // The terminal stays open when clients detach.
      leaveStdinOpen: (config.OpenStdin ?? false) && (config.Tty === true || !config.StdinOnce),
      exitCommand: exitCommand(ground, record.id),
      reserved,
    });
  } finally {
    for (const fd of reserved) closeSync(fd);
  }
  const { pid, monitorPid } = monitored;
  const session = beforeRun && (await beforeRun(record));
  awaitedStarts(ground).begin(record);
  await startProcess(ground, runtime, { id: record.id, pid, log: `${bundle}/runtime.log` });
  monitored.release();
  const running = {
    ...{
      status: "running",
      started: timestamp(),
      pid,
      pid_start: startOf(pid),
      monitor_pid: monitorPid,
      monitor_start: startOf(monitorPid),
    },
    ...{
      exit_code: 0,
      error: "",
      oom_killed: 0,
      stopped_by_user: 0,
      direct: 0,
      restart_count: isRestart ? record.restartCount + 1 : 0,
      health: healthOf(record) ? JSON.stringify(newHealth) : null,
    },
  };
  const now = ground.db.transaction(() => {
    keepRuntime(ground, record);
    ground.db.update("containers", "id", record.id, running);
    const started = findById(ground, record.id)!;
    emitContainer(ground, started, "start");
    return started;
  });
  const keeper = keeperOf(ground, now);
  if (keeper) ensureKeeper(ground, keeper);
  return { record: now, ...(session !== undefined && { session }) };
}

/** What conmon starts after the end of a process. */
function exitCommand(ground: Ground, id: string): string[] {
  const self = ground.options.self;
  return self ? unlessRecorded(ground, id, [...self, "--root", ground.paths.root, "internal", "container-exited", id]) : [];
}

/** After a failed start: docker records the error and the status that `run` exits with. */
async function undoStart(ground: Ground, record: ContainerRecord, error: unknown): Promise<void> {
  const { id } = record;
  const { killLeftovers } = await import("../../runtime/leftovers.ts");
  await killLeftovers(ground, id);
  await releaseBundle(ground, id, volumesOf(record));
  const failure = error instanceof EngineError ? error : undefined;
  const status = failure && failure.exit >= 126 ? failure.exit : 128;
  const again = record.status === "restarting" ? "exited" : record.status;
  ground.db.update("containers", "id", id, {
    status: again,
    exit_code: status,
    error: failure?.message ?? String(error),
    pid: 0,
    pid_start: "",
    monitor_pid: 0,
    monitor_start: "",
  });
  if (record.host.AutoRemove) await destroyContainer(ground, id, { volumes: true });
}
