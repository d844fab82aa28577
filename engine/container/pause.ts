/** `pause` and `unpause`: the container's control group frozen and thawed. */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { setFrozen } from "../runtime/freezer.ts";
import { type ContainerRecord, emitContainer, findById, findContainer, lockContainer } from "./record.ts";

/** See index.ts. @throws EngineError `not-running`, `conflict` */
export async function pauseVerb(house: House, ref: string): Promise<void> {
  const { id } = findContainer(house, ref);
  using _ = await lockContainer(house, id);
  const record = findById(house, id);
  if (record?.status === "paused") throw new EngineError("conflict", `container ${record.name} is already paused`);
  if (record?.status === "restarting")
    throw new EngineError("conflict", `container ${record.name} is restarting, wait until the container is running`);
  if (record?.status !== "running") throw new EngineError("not-running", `container ${id.slice(0, 12)} is not running`);
  await setFrozen(id, true);
  house.db.update("containers", "id", id, { status: "paused" });
  emitContainer(house, record, "pause");
}

/** See index.ts. @throws EngineError `conflict` */
export async function unpauseVerb(house: House, ref: string): Promise<void> {
  const record = findContainer(house, ref);
  using _ = await lockContainer(house, record.id);
  if (findById(house, record.id)?.status !== "paused") throw new EngineError("conflict", `Container ${record.name} is not paused`);
  await thaw(house, record);
}

/** For verbs that need a paused container's process to go on. */
export async function thaw(house: House, record: ContainerRecord): Promise<void> {
  await setFrozen(record.id, false);
  house.db.run("UPDATE containers SET status = 'running' WHERE id = ? AND status = 'paused'", record.id);
  emitContainer(house, record, "unpause");
}
