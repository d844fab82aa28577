/** `container prune`: every container that does not run. */

import type { Filters } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { parseMoment } from "../../instant.ts";
import { emitPrune } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { treeSize } from "../../sys/tree.ts";
import { type ContainerRecord, filesOf, isRunning, toRecord } from "../record/index.ts";
import { removeContainer } from "./remove.ts";

/** See index.ts. Filters: `until`, `label`, `label!`. */
export async function pruneContainers(
  ground: Ground,
  filters: Filters = {},
): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }> {
  const test = pruneTest(filters);
  const records = ground.db.all("SELECT * FROM containers WHERE status IN ('created', 'exited', 'dead')").map(toRecord);
  const ContainersDeleted: string[] = [];
  let SpaceReclaimed = 0;
  for (const record of records) {
    if (isRunning(record) || record.damage !== undefined || !test(record)) continue; // the labels of a damaged record are not known
    const size = treeSize(filesOf(ground, record.id).upper);
    try {
      await removeContainer(ground, record, {});
    } catch (error) {
      if (error instanceof EngineError && error.code === "conflict") continue; // started meanwhile
      throw error;
    }
    ContainersDeleted.push(record.id);
    SpaceReclaimed += size;
  }
  if (ContainersDeleted.length > 0) emitPrune(ground, "container", SpaceReclaimed);
  return { ContainersDeleted, SpaceReclaimed };
}

function pruneTest(filters: Filters): (record: ContainerRecord) => boolean {
  const unknown = Object.keys(filters).find((key) => !["until", "label", "label!"].includes(key));
  if (unknown !== undefined)
    throw new EngineError("invalid", `invalid filter '${unknown}'`, { hint: "known filters: until, label, label!" });
  const limits = (filters["until"] ?? []).map((text) => parseMoment(text));
  if (limits.length > 1) throw new EngineError("invalid", "more than one until filter specified");
  const has = ({ config }: ContainerRecord, value: string) => {
    const [key = "", wanted] = value.split(/=(.*)/s);
    const found = config.Labels?.[key];
    return found !== undefined && (wanted === undefined || found === wanted);
  };
  return (record) =>
    limits.every((limit) => record.created < limit) &&
    (filters["label"] ?? []).every((value) => has(record, value)) &&
    (filters["label!"] ?? []).every((value) => !has(record, value));
}
