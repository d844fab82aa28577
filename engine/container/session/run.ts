/**
 * `run` in the foreground. With --rm and without a terminal the container ends with this process: berth
 * watches over it itself, which saves a monitor; else a monitor does, so that one can leave and come back.
 */
import { parseDetachKeys } from "../../detach-keys.ts";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import type { Ground } from "../../state/ground.ts";
import { createContainer } from "../life/index.ts";
import type { AttachOptions, ContainerCreate, SessionEnd, Streams } from "../types.ts";

/** See index.ts. */
export async function* runContainer(
  ground: Ground,
  spec: ContainerCreate,
  streams: Streams,
  options: AttachOptions,
): AsyncGenerator<ProgressEvent, { Id: string } & SessionEnd> {
  try {
    return yield* runToEnd(ground, spec, streams, options);
  } catch (error) {
    // docker: whatever keeps `run` from starting the process is 125, unless the command itself is to blame.
    if (error instanceof EngineError && error.exit < 125)
      throw new EngineError(error.code, error.message, { cause: error.cause, hint: error.hint, exit: 125 });
    throw error;
  }
}

async function* runToEnd(
  ground: Ground,
  spec: ContainerCreate,
  streams: Streams,
  options: AttachOptions,
): AsyncGenerator<ProgressEvent, { Id: string } & SessionEnd> {
  if (options.detachKeys) parseDetachKeys(options.detachKeys); // before anything is made
  if (canRunDirectly(spec)) return yield* (await import("./run-direct.ts")).runDirectly(ground, spec, streams, options);
  ground.options.handOver?.();
  const { Id, Warnings, record } = yield* createContainer(ground, spec, options.signal);
  for (const text of Warnings) yield { type: "warning", text };
  if (isMute(options)) yield { type: "row", value: Id };
  const { startAttached } = await import("./start-attached.ts");
  return { Id, ...(await startAttached(ground, record, streams, options)) };
}

/** A health check needs a record that lives on; an exit status is not all of it. */
function canRunDirectly({ Tty, HostConfig, Healthcheck }: ContainerCreate): boolean {
  return HostConfig?.AutoRemove === true && !Tty && !Healthcheck?.Test?.length;
}

/** Without standard output and error the id is printed, as for a detached run. */
export function isMute({ stdout = true, stderr = true }: AttachOptions): boolean {
  return !stdout && !stderr;
}
