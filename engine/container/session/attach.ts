/** `attach`: joining the streams of a container that runs. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { exitCodeOf } from "../life/index.ts";
import { findContainer, startsByItself } from "../record/index.ts";
import type { AttachOptions, SessionEnd, Streams } from "../types.ts";
import { openSession } from "./session.ts";

/** See index.ts. @throws EngineError `not-running`, `unsupported` */
export async function attachToContainer(ground: Ground, ref: string, streams: Streams, options: AttachOptions = {}): Promise<SessionEnd> {
  const record = findContainer(ground, ref);
  if (record.status === "paused")
    throw new EngineError("not-running", "You cannot attach to a paused container, unpause it first", {
      hint: `let it go on with 'berth unpause ${record.name}'`,
    });
  if (record.status === "restarting")
    throw new EngineError("not-running", "You cannot attach to a restarting container, wait until it is running", {
      hint: startsByItself,
    });
  if (options.ahead && record.status !== "running")
    return (await import("./attach-ahead.ts")).attachAhead(ground, record, streams, options);
  if (record.status !== "running")
    throw new EngineError("not-running", "You cannot attach to a stopped container, start it first", {
      hint: `start it with 'berth start ${record.name}'`,
    });
  if (record.direct) {
    throw new EngineError(
      "unsupported",
      `cannot attach to container "${record.name}": it runs in the foreground of another berth (process ${record.monitorPid}), which holds its streams`,
      {
        hint: `follow its output with 'berth logs -f ${record.name}', or run it with -d`,
        exit: 1,
      },
    );
  }
  const { detached } = await openSession(ground, record, streams, options).ended;
  if (detached) return { detached: true };
  return { detached: false, exitCode: await exitCodeOf(ground, record, record.started) };
}
