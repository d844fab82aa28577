/** `rm`. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { type ContainerRecord, findById, findContainer, isRunning, lockContainer } from "../record/index.ts";
import { destroyContainer } from "./destroy.ts";

export interface RemoveOptions {
  force?: boolean;
  /** Its anonymous volumes too. */
  volumes?: boolean;
  /** Not the container, but a link: "CONTAINER/ALIAS". */
  link?: boolean;
}

/** See index.ts. @throws EngineError `conflict` when it runs and is not forced */
export async function removeNamedContainer(ground: Ground, ref: string, options: RemoveOptions = {}): Promise<void> {
  if (options.link) return (await import("../network/links.ts")).unlink(ground, ref);
  const record = findContainer(ground, ref);
  await removeContainer(ground, record, options, ref);
  if (ground.db.isStandIn)
    throw new EngineError("no-space", `removed all of container "${record.name}" but its record: ${ground.db.trouble}`, {
      hint: `free space, then remove it again with 'berth rm ${record.name}'`,
    });
}

/** @param ref what the user calls it */
export async function removeContainer(
  ground: Ground,
  record: ContainerRecord,
  { force = false, volumes = false }: RemoveOptions,
  ref = record.name,
): Promise<void> {
  using _patience = ground.db.recordLater();
  if (isRunning(record)) {
    if (!force) throw stillRunning(record, ref);
    const { stopContainer } = await import("./stop.ts");
    await stopContainer(ground, record, { timeout: 0, signal: "KILL" });
  }
  using _ = await lockContainer(ground, record.id);
  const now = findById(ground, record.id);
  if (!now) return; // it went with its process (--rm), or another was faster
  if (isRunning(now)) throw stillRunning(now, ref);
  await destroyContainer(ground, record.id, { volumes });
}

function stillRunning({ name, status }: ContainerRecord, ref: string): EngineError {
  const why =
    status === "paused"
      ? "container is paused and must be unpaused first"
      : `container is ${status}: stop the container before removing or force remove`;
  return new EngineError("conflict", `cannot remove container "${ref}": ${why}`, {
    hint: `stop it with 'berth stop ${name}', or force with -f`,
  });
}
