/** `start`, with the streams of a face or without. */
import type { Ground } from "../../state/ground.ts";
import { exitCodeOf, startContainer } from "../life/index.ts";
import { type ContainerRecord, findContainer, isRunning } from "../record/index.ts";
import type { AttachOptions, SessionEnd, Streams } from "../types.ts";

/** See index.ts. */
export async function startNamedContainer(
  ground: Ground,
  ref: string,
  streams?: Streams,
  options: AttachOptions = {},
): Promise<SessionEnd | undefined> {
  const record = findContainer(ground, ref);
  if (streams) return startAttached(ground, record, streams, options);
  await startContainer(ground, record.id);
  return undefined;
}

/** Attaches, starts, stays until the process ends or the user detaches. */
export async function startAttached(
  ground: Ground,
  record: ContainerRecord,
  streams: Streams,
  options: AttachOptions,
): Promise<SessionEnd> {
  if (isRunning(record)) return (await import("./attach.ts")).attachToContainer(ground, record.id, streams, options);
  const { openSession } = await import("./session.ts");
  const started = await startContainer(ground, record.id, {
    beforeRun: (created) => openSession(ground, created, streams, options),
    size: streams.terminal,
  });
  const session = started.session!;
  const { detached } = await session.ended;
  if (detached) return { detached: true };
  return { detached: false, exitCode: await exitCodeOf(ground, record, started.record.started) };
}
