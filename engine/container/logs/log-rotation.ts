/**
 * Keeping a log within its limit (`--log-opt max-size, max-file`). A full file gets a further name, `ctr.log.N`; then
 * conmon is told to open the log again, which puts a new file in its place at once: readers find the log at any moment,
 * and the container is never held up. Done by the supervisor.
 */
import { existsSync, rmSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Ground } from "../../state/ground.ts";
import { wakeOn } from "../../state/wake.ts";
import type { LogLimit } from "../plan/index.ts";
import { reopenMessage, tellMonitor } from "../process/index.ts";
import { type ContainerRecord, filesOf } from "../record/index.ts";
import { generationPath, generations, inodeOf, keepGeneration, prune } from "./log-generations.ts";

/** Milliseconds between looks at a log that grows: what is written meanwhile is how far it can be over its limit. */
const pace = 20;

/**
 * Rotates the log of one run of a container until the signal says that the run is over, or no monitor writes it any more.
 * @param patience milliseconds after which a log that does not fill is left
 */
export async function keepWithinLimit(
  ground: Ground,
  { id }: ContainerRecord,
  limit: LogLimit,
  signal: AbortSignal,
  patience?: number,
): Promise<void> {
  const files = filesOf(ground, id);
  forgetUnfinished(files.log);
  const enough = () => (patience === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(patience)]));
  while (await fills(files, limit, enough())) if (!(await rotate(files, limit, signal))) return;
}

/** Waits until the log is full; false when the signal comes first. */
async function fills({ log, directory }: ReturnType<typeof filesOf>, limit: LogLimit, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    {
      // Where somebody removed the directory of a container that runs, only its end is waited for.
      using wake = wakeOn(existsSync(directory) ? [directory] : [], { signal });
      if (!isFull(log, limit)) await wake.next();
    }
    // No watching meanwhile: a container that writes without pause would wake this process thousands of times a second.
    await delay(pace, undefined, { signal }).catch(() => {});
    if (isFull(log, limit)) return true;
  }
  return false;
}

function isFull(log: string, { maxSize }: LogLimit): boolean {
  return (statSync(log, { throwIfNoEntry: false })?.size ?? 0) >= maxSize;
}

/** False when there is no monitor: the log stays as it is. */
async function rotate(files: ReturnType<typeof filesOf>, limit: LogLimit, signal: AbortSignal): Promise<boolean> {
  const { log, bundle, directory } = files;
  const full = inodeOf(log);
  const rotated = keepGeneration(log);
  using wake = wakeOn([directory], { signal });
  const isTold = tellMonitor(bundle, reopenMessage);
  if (isTold) while (inodeOf(log) === full && !wake.over) await wake.next();
  if (inodeOf(log) !== full) prune(log, limit);
  else rmSync(rotated, { force: true }); // the monitor ended first: it stays the log
  return isTold;
}

/** A rotation that was interrupted: whether the monitor was told is not known, and the file is the log still. */
function forgetUnfinished(log: string): void {
  const newest = generations(log).at(-1);
  if (newest !== undefined && inodeOf(generationPath(log, newest)) === inodeOf(log)) rmSync(generationPath(log, newest));
}
