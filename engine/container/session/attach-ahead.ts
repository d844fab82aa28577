/**
 * `attach` to a container that does not run yet: it waits for the start, as a client of docker's API does it that attaches first and
 * then starts. A start in this process opens the session before the container's process runs; one in another process is
 * noticed, and what was logged before that is read from the log.
 */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { awaitedStarts, exitCodeOf } from "../life/index.ts";
import { until } from "../process/index.ts";
import { type ContainerRecord, findById, isRunning } from "../record/index.ts";
import type { AttachOptions, SessionEnd, Streams } from "../types.ts";
import { openSession } from "./session.ts";
import { logFor, showLogged } from "./session-output.ts";

/** @throws EngineError what the start throws; `not-found` when it is removed instead */
export async function attachAhead(ground: Ground, record: ContainerRecord, streams: Streams, options: AttachOptions): Promise<SessionEnd> {
  using log = logFor(ground, record, options);
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  const { promise, resolve, reject } = Promise.withResolvers<{ detached: boolean }>();
  // The session itself would call back once more.
  const join = (now: ContainerRecord) => openSession(ground, now, streams, { ...options, onAttached: () => {} }, log).ended;
  const forget = awaitedStarts(ground).add(record.id, {
    begin(created) {
      over.abort();
      resolve(join(created));
    },
    fail: reject,
  });
  const leave = () => resolve({ detached: true });
  options.signal?.addEventListener("abort", leave, { once: true });
  options.onAttached?.();
  if (options.signal?.aborted) leave();
  const elsewhere = async (): Promise<{ detached: boolean }> => {
    const now = await until(ground, () => startedOrGone(ground, record), { signal });
    if (!now) return { detached: true };
    if (now === "gone") throw new EngineError("not-found", `No such container: ${record.id.slice(0, 12)}`);
    if (isRunning(now)) return join(now);
    await showLogged(log, streams, options, signal);
    return { detached: false };
  };
  elsewhere().then(resolve, reject);
  try {
    const { detached } = await promise;
    return detached ? { detached } : { detached, exitCode: await exitCodeOf(ground, record, findById(ground, record.id)?.started ?? "") };
  } finally {
    forget();
    over.abort();
    options.signal?.removeEventListener("abort", leave);
  }
}

/** As it is after a start that another process made. */
function startedOrGone(ground: Ground, { id, started }: ContainerRecord): ContainerRecord | "gone" | undefined {
  const now = findById(ground, id);
  if (!now) return "gone";
  return now.started === started ? undefined : now;
}
