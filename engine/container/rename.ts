/** `rename`. */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { renameOnNetworks } from "../network/attachment.ts";
import { isConstraintError } from "../state/db.ts";
import { checkName, nameConflict } from "./names.ts";
import { networkRequest } from "./network-request.ts";
import { emitContainer, findById, findContainer, keepContainer, lockContainer } from "./record.ts";

/** See index.ts. @throws EngineError `conflict`, `invalid` */
export async function renameVerb(house: House, ref: string, name: string): Promise<void> {
  const { id } = findContainer(house, ref);
  const bare = checkName(name);
  using _ = await lockContainer(house, id); // a start would tell its networks the older name
  const record = findById(house, id);
  if (!record) throw new EngineError("not-found", `No such container: ${ref}`);
  if (bare === record.name) throw new EngineError("invalid", "Renaming a container with the same name as its current name");
  try {
    house.db.update("containers", "id", record.id, { name: bare });
  } catch (error) {
    if (!isConstraintError(error)) throw error;
    throw nameConflict(bare, house.db.get<{ id: string }>("SELECT id FROM containers WHERE name = ?", bare)?.id ?? "");
  }
  keepContainer(house, record.id);
  const renamed = { ...record, name: bare };
  await renameOnNetworks(house, networkRequest(house, renamed), record.name);
  emitContainer(house, renamed, "rename", { oldName: `/${record.name}` });
}
