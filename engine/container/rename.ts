/** `rename`. */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { renameOnNetworks } from "../network/attachment.ts";
import { isConstraintError } from "../state/db.ts";
import { checkName, nameConflict } from "./names.ts";
import { emitContainer, findContainer } from "./record.ts";

/** See index.ts. @throws EngineError `conflict`, `invalid` */
export async function renameVerb(house: House, ref: string, name: string): Promise<void> {
  const record = findContainer(house, ref);
  const bare = checkName(name);
  if (bare === record.name) throw new EngineError("invalid", "Renaming a container with the same name as its current name");
  try {
    house.db.update("containers", "id", record.id, { name: bare });
  } catch (error) {
    if (!isConstraintError(error)) throw error;
    throw nameConflict(bare, house.db.get<{ id: string }>("SELECT id FROM containers WHERE name = ?", bare)?.id ?? "");
  }
  await renameOnNetworks(house, record.id, record.name, bare);
  emitContainer(house, { ...record, name: bare }, "rename", { oldName: `/${record.name}` });
}
