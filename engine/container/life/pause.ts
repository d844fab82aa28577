/** `pause` and `unpause`: the container's control group frozen and thawed. */
import { EngineError } from "../../errors.ts";
import { setFrozen } from "../../runtime/freezer.ts";
import type { Ground } from "../../state/ground.ts";
import { groupOf } from "../process/index.ts";
import {
  type ContainerRecord,
  emitContainer,
  findById,
  findContainer,
  isRunning,
  lockContainer,
  refuseRestarting,
} from "../record/index.ts";

/** See index.ts. @throws EngineError `not-running`, `conflict` */
export async function pauseContainer(ground: Ground, ref: string): Promise<void> {
  const { id } = findContainer(ground, ref);
  using _ = await lockContainer(ground, id);
  const record = findById(ground, id);
  if (record?.status === "paused")
    throw new EngineError("conflict", `Container ${id} is already paused`, {
      hint: `let it go on with 'berth unpause ${record.name}'`,
    });
  if (record) refuseRestarting(record);
  if (record?.status !== "running") throw new EngineError("not-running", `container ${id} is not running`);
  await setFrozen(groupOf(ground, id), true);
  ground.db.update("containers", "id", id, { status: "paused" });
  emitContainer(ground, record, "pause");
}

/** See index.ts. @throws EngineError `conflict` */
export async function unpauseContainer(ground: Ground, ref: string): Promise<void> {
  const record = findContainer(ground, ref);
  using _ = await lockContainer(ground, record.id);
  if (findById(ground, record.id)?.status !== "paused") throw notPaused(record);
  await thaw(ground, record);
}

function notPaused({ id, name, status }: ContainerRecord): EngineError {
  const hint = isRunning({ status }) ? "it runs: there is nothing to unpause" : `it does not run: start it with 'berth start ${name}'`;
  return new EngineError("conflict", `Container ${id} is not paused`, { hint });
}

/** For verbs that need a paused container's process to go on. */
export async function thaw(ground: Ground, record: ContainerRecord): Promise<void> {
  await setFrozen(groupOf(ground, record.id), false);
  ground.db.run("UPDATE containers SET status = 'running' WHERE id = ? AND status = 'paused'", record.id);
  emitContainer(ground, record, "unpause");
}
