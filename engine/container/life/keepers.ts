/**
 * Who looks after a running container beside its monitor, if anybody: the supervisor (supervise.ts), a Node process, for health
 * checks and for logs that fill; the watcher (log-watcher.ts), a shell, for logs that have far to go. At most one of each per
 * state directory, started with the first container that needs it, ending with the last.
 */
import { existsSync } from "node:fs";
import { spawnProcess } from "../../process/spawn.ts";
import type { Ground } from "../../state/ground.ts";
import { isHeldByNoted, noteHolder, tryLock } from "../../state/locks.ts";
import { isAlive } from "../../sys/owner.ts";
import { watcherCommand } from "../logs/index.ts";
import { limitOf } from "../plan/index.ts";
import { type ContainerRecord, filesOf, healthOf } from "../record/index.ts";

export type Keeper = "supervisor" | "watcher";

/** Held by the keeper as long as it lives. */
export const lockOf: Record<Keeper, string> = { supervisor: "supervisor", watcher: "log-watcher" };

/** Undefined when it needs nobody: a berth that runs a container without a monitor keeps the log within its limit itself. */
export function keeperOf(ground: Ground, record: ContainerRecord): Keeper | undefined {
  if (record.direct) return undefined;
  if (healthOf(record)) return "supervisor";
  if (!limitOf(record.host.LogConfig)) return undefined;
  return existsSync(filesOf(ground, record.id).quietLog) ? "watcher" : "supervisor";
}

/** True when the keeper has something to do for a running container: a log whose monitor was killed is written by nobody any more. */
export function keeps(ground: Ground, keeper: Keeper, record: ContainerRecord): boolean {
  return keeperOf(ground, record) === keeper && (healthOf(record) !== undefined || isAlive(record.monitorPid, record.monitorStart));
}

/**
 * Sees to it that the keeper runs. The process that starts one holds the lock until the keeper has it: there is never a second.
 * @param isNeeded asked only when none is seen
 */
export function ensureKeeper(ground: Ground, keeper: Keeper, isNeeded: () => boolean = () => true): void {
  const self = ground.options.self;
  if (!self || isHeldByNoted(ground, lockOf[keeper]) || !isNeeded()) return;
  using held = tryLock(ground, lockOf[keeper]);
  if (!held) return;
  const supervise = [...self, "--root", ground.paths.root, "internal", "supervise"];
  const [program = "", ...args] = keeper === "supervisor" ? supervise : watcherCommand(ground.paths, supervise);
  const child = spawnProcess(program, args, { stdio: ["ignore", "ignore", "ignore", held.fd], detached: true });
  if (child.pid) noteHolder(held, child.pid);
  child.on("error", () => {}); // the containers run without checks; `doctor` says what is wrong with the installation
  child.unref();
}
