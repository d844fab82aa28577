/** Containers that others join: they lend a namespace while they run. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { type ContainerRecord, findContainer, isRunning } from "../record/index.ts";

export function runningContainer(ground: Ground, ref: string, kind: string): ContainerRecord {
  const other = findContainer(ground, ref);
  if (!isRunning(other) || other.pid === 0)
    throw new EngineError("not-running", `cannot join ${kind} namespace of a non running container: ${ref}`, { exit: 125 });
  return other;
}
