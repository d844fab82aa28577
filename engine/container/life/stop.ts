/** `stop`, `restart`, `kill`: ending a container's process, gently or not. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { signalNumber } from "../plan/index.ts";
import { processOf, signalContainer, signalMember } from "../process/index.ts";
import {
  type ContainerRecord,
  emitContainer,
  findById,
  findContainer,
  isRunning,
  lockContainer,
  refuseDamaged,
  stopPatience,
  toRestart,
} from "../record/index.ts";
import { awaitEnd } from "./await-end.ts";
import { announceEnding, holdBack } from "./ending.ts";
import { startContainer } from "./start.ts";

export interface StopOptions {
  /** Seconds; -1 waits for ever. */
  timeout?: number;
  signal?: string;
}

/** Milliseconds that the kernel gets to end a killed process. */
const killPatience = 10_000;
const SIGKILL = 9;

/** See index.ts. Stopped already: nothing to do. */
export async function stopNamedContainer(ground: Ground, ref: string, options: StopOptions = {}): Promise<void> {
  using _ = ground.db.recordLater();
  const record = findContainer(ground, ref);
  if (!isRunning(record)) return;
  const now = await stopContainer(ground, record, options);
  emitContainer(ground, now ?? record, "stop");
}

interface EndOptions extends StopOptions {
  /** Started again at once: it stays, even with --rm. */
  toRestart?: boolean;
}

/**
 * Stops and records the end; the container's lock is not held while it waits.
 * @returns the record afterwards; undefined when the container went with its process
 */
export async function stopContainer(
  ground: Ground,
  record: ContainerRecord,
  options: EndOptions = {},
): Promise<ContainerRecord | undefined> {
  using _ = announceEnding(ground, record.id);
  let now: ContainerRecord | undefined = record;
  // It may start once more before its restart policy has seen that the user stopped it.
  while (now && isRunning(now))
    now = now.status === "restarting" && now.pid === 0 ? await stayDown(ground, now.id) : await endRun(ground, now, options);
  return now;
}

/** Ends one run. @returns the record afterwards @throws EngineError `timeout` */
async function endRun(ground: Ground, record: ContainerRecord, options: EndOptions): Promise<ContainerRecord | undefined> {
  const { timeout, signal } = options;
  const number = signalNumber(signal || record.config.StopSignal || "TERM");
  const patience = stopPatience(record, timeout);
  holdBack(ground, record.id, options.toRestart ? toRestart : 1);
  if (record.status === "paused") await (await import("./pause.ts")).thaw(ground, record);
  await send(ground, record, number);
  const isOver = (now: ContainerRecord | undefined) =>
    !now || !isRunning(now) || now.status === "restarting" || now.started !== record.started;
  if (number !== SIGKILL) {
    const gentle = await awaitEnd(ground, record.id, { orRestart: true, ...(patience !== undefined && { timeout: patience }) });
    if (isOver(gentle)) return gentle;
    await send(ground, gentle!, SIGKILL);
  }
  const killed = await awaitEnd(ground, record.id, { orRestart: true, timeout: killPatience });
  if (isOver(killed)) return killed;
  throw new EngineError(
    "timeout",
    `cannot stop container "${record.name}": its process did not end within ${killPatience / 1000} s of SIGKILL`,
  );
}

/** Between two runs of a restart policy there is no process. @returns the record afterwards: running, if it was faster */
export async function stayDown(ground: Ground, id: string): Promise<ContainerRecord | undefined> {
  using _ = await lockContainer(ground, id);
  ground.db.run("UPDATE containers SET status = 'exited', monitor_pid = 0, monitor_start = '' WHERE id = ? AND status = 'restarting'", id);
  return findById(ground, id);
}

/** @returns false when there is no process (any more) */
function send(ground: Ground, record: ContainerRecord, signal: number): Promise<boolean> {
  return signalContainer(ground, record.id, signal, () => emitContainer(ground, record, "kill", { signal: String(signal) }));
}

/** See index.ts. A foreground `run --rm` ends then; its container goes on under a monitor. */
export async function restartContainer(ground: Ground, ref: string, options: StopOptions = {}): Promise<void> {
  const record = findContainer(ground, ref);
  refuseDamaged(record);
  ground.db.requireRoom(); // what is stopped must be able to start again
  // Should this process die between stop and start, the lease has the next command remove a --rm container.
  using _ = record.host.AutoRemove ? takeLease(ground, "container", record.id) : undefined;
  if (isRunning(record)) await stopContainer(ground, record, { ...options, toRestart: true });
  await startContainer(ground, record.id);
  emitContainer(ground, record, "restart");
}

/** See index.ts. */
export async function killContainer(ground: Ground, ref: string, signal?: string, options?: { process?: number }): Promise<void> {
  try {
    await kill(ground, ref, signal, options);
  } catch (error) {
    throw error instanceof EngineError && options?.process === undefined
      ? error.withExit(error.exit, `cannot kill container: ${ref}: ${error.message}`)
      : error;
  }
}

async function kill(ground: Ground, ref: string, signal = "KILL", { process: pid }: { process?: number } = {}): Promise<void> {
  using _ = ground.db.recordLater();
  const record = findContainer(ground, ref);
  const number = signalNumber(signal);
  if (!isRunning(record)) throw notRunning(record);
  if (pid !== undefined && pid !== processOf(ground, record)?.pid) {
    if (signalMember(ground, record.id, pid, number)) return;
    throw new EngineError("not-found", `cannot signal process ${pid}: container "${record.name}" has no such process`, {
      hint: `'berth top ${record.name}' shows them`,
    });
  }
  const ends = number === SIGKILL || number === signalNumber(record.config.StopSignal || "TERM");
  // docker: a kill by the user holds the restart policy back as a stop does
  using _announced = number === SIGKILL ? announceEnding(ground, record.id) : undefined;
  if (ends) holdBack(ground, record.id);
  // Between two runs there is no process: to hold the next one back is enough, and it may have been faster.
  if (record.status === "restarting" && (!ends || (await stayDown(ground, record.id))?.status !== "running")) return;
  // Its process has ended since, or another run has, while its restart policy goes on: what ends it holds for the next one, too.
  if (!(await send(ground, record, number))) {
    if (ends) await stopContainer(ground, record, { signal: "KILL" });
    return;
  }
  // docker: a paused process goes on to hear what ends it, and anything where nobody said what that is
  if (record.status === "paused" && (ends || !record.config.StopSignal)) await (await import("./pause.ts")).thaw(ground, record);
  if (number === SIGKILL) await awaitEnd(ground, record.id, { timeout: killPatience });
}

function notRunning({ id }: ContainerRecord): EngineError {
  return new EngineError("not-running", `container ${id} is not running`);
}
