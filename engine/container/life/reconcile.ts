/**
 * Containers after a crash or a reboot: what a dead process was making is undone, what ended unseen is written down,
 * containers that go on running are left alone. Runs before the first verb of a process, and its cheap half before each question.
 */

import type { Row } from "../../state/db.ts";
import type { Ground } from "../../state/ground.ts";
import { Remembered } from "../../state/remembered.ts";
import { isAlive, startOf } from "../../sys/owner.ts";
import { processOf } from "../process/index.ts";
import { type ContainerRecord, toRecord } from "../record/index.ts";
import { ensureKeeper, keeperOf, keeps } from "./keepers.ts";

const running = new Remembered((ground) =>
  ground.db.all<Row>("SELECT * FROM containers WHERE status IN ('running', 'paused', 'restarting')").map(toRecord),
);

/** One query, and one look at /proc for each running container. */
export async function reconcileContainers(ground: Ground): Promise<void> {
  using _ = ground.db.recordLater();
  const kept: ContainerRecord[] = [];
  for (const record of running.of(ground)) {
    if (record.status === "restarting") await (await import("./clean.ts")).resumeRestart(ground, record.id);
    else if (hasEnded(ground, record)) await (await import("./clean.ts")).settleLost(ground, record);
    else kept.push(record);
  }
  // A keeper that was killed is started again by the next command.
  for (const keeper of new Set(kept.map((record) => keeperOf(ground, record))))
    if (keeper) ensureKeeper(ground, keeper, () => kept.some((record) => keeps(ground, keeper, record)));
}

/** True when a running container's record no longer matches a live process. Cheap: one read of /proc. */
function hasEnded(ground: Ground, record: ContainerRecord): boolean {
  if (record.status === "restarting") return false;
  const process = processOf(ground, record);
  return process === undefined ? startOf(record.monitorPid) !== record.monitorStart : !isAlive(process.pid, process.start);
}
