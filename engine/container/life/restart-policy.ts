/** Starting a container again after its process ended, as its restart policy says, later and later each time. */
import { setTimeout as delay } from "node:timers/promises";
import { spawnProcess } from "../../process/spawn.ts";
import type { Row } from "../../state/db.ts";
import type { Ground } from "../../state/ground.ts";
import { startOf, thisOwner } from "../../sys/owner.ts";
import { type ContainerRecord, findById } from "../record/index.ts";
import { startContainer } from "./start.ts";

const shortest = 100;
const longest = 60_000;
/** A process that ran this long counts as a success: the next wait is short again. */
const steady = 10_000;

/** Milliseconds before the next start; docker's back-off. Pure. */
export function restartDelay({ started, finished, restartCount }: Pick<ContainerRecord, "started" | "finished" | "restartCount">): number {
  const ran = Date.parse(finished) - Date.parse(started);
  return ran >= steady ? shortest : Math.min(longest, shortest * 2 ** Math.min(restartCount, 10));
}

/** Runs in the monitor's exit command, which is the only process that waits: it owns the record meanwhile. */
export async function restartLater(ground: Ground, record: ContainerRecord): Promise<void> {
  const { pid, start } = thisOwner();
  ground.db.run("UPDATE containers SET monitor_pid = ?, monitor_start = ? WHERE id = ? AND status = 'restarting'", pid, start, record.id);
  await delay(restartDelay(record));
  const now = findById(ground, record.id);
  // Removed, stopped or started by hand meanwhile
  if (now?.status !== "restarting" || now.started !== record.started) return;
  if (now.stoppedByUser) await (await import("./stop.ts")).stayDown(ground, record.id);
  else await startContainer(ground, record.id, { isRestart: true });
}

/**
 * Starts the process that waits and restarts where the monitor's own exit command is dead.
 * @returns what to record: the process that waits now, or why there is none
 */
export function restartUnattended(ground: Ground, id: string): Row {
  const [program, ...args] = ground.options.self ?? [];
  const { pid } = program ? spawnExitCommand(program, [...args, "--root", ground.paths.root, "internal", "container-exited", id]) : {};
  if (pid !== undefined) return { monitor_pid: pid, monitor_start: startOf(pid) };
  return { status: "exited", monitor_pid: 0, monitor_start: "", error: "its restart policy was interrupted" };
}

function spawnExitCommand(program: string, args: string[]): { pid?: number | undefined } {
  const child = spawnProcess(program, args, { stdio: ["ignore", "ignore", "ignore"], detached: true });
  child.on("error", () => {}); // it has no pid then, which the record says
  child.unref();
  return child;
}
