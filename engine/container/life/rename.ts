/** `rename`. */
import { EngineError } from "../../errors.ts";
import { renameOnNetworks } from "../../network/attachment.ts";
import { isConstraintError } from "../../state/db.ts";
import type { Ground } from "../../state/ground.ts";
import { networkRequest } from "../network/index.ts";
import { emitContainer, findById, findContainer, keepContainer, lockContainer } from "../record/index.ts";
import { checkName, nameConflict } from "./names.ts";

/** See index.ts. @throws EngineError `conflict`, `invalid` */
export async function renameContainer(ground: Ground, ref: string, name: string): Promise<void> {
  const { id } = findContainer(ground, ref);
  const bare = checkName(name);
  using _ = await lockContainer(ground, id); // a start would tell its networks the older name
  const record = findById(ground, id);
  if (!record) throw new EngineError("not-found", `No such container: ${ref}`);
  if (bare === record.name) throw new EngineError("invalid", "Renaming a container with the same name as its current name");
  try {
    ground.db.update("containers", "id", record.id, { name: bare });
  } catch (error) {
    if (!isConstraintError(error)) throw error;
    throw nameConflict(bare, ground.db.get<{ id: string }>("SELECT id FROM containers WHERE name = ?", bare)?.id ?? "");
  }
  keepContainer(ground, record.id);
  const renamed = { ...record, name: bare };
  await renameOnNetworks(ground, networkRequest(ground, renamed), record.name);
  emitContainer(ground, renamed, "rename", { oldName: `/${record.name}` });
}
