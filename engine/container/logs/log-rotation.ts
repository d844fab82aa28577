/**
 * Keeping a log within its limit (`--log-opt max-size, max-file`). A full file gets a further name, `ctr.log.N`; then
 * conmon is told to open the log again, which puts a new file in its place at once: readers find the log at any moment,
 * and the container is never held up. Done by the supervisor.
 */
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Ground } from "../../state/ground.ts";
import { wakeOn } from "../../state/wake.ts";
import { punchHole } from "../../sys/files.ts";
import type { LogLimit } from "../plan/index.ts";
import { reopenMessage, tellMonitor } from "../process/index.ts";
import { type ContainerRecord, filesOf } from "../record/index.ts";
import { generationPath, generations, inodeOf } from "./log-reader.ts";

/** Milliseconds between looks at a log that grows: what is written meanwhile is how far it can be over its limit. */
const pace = 20;
/** Bytes that a file system can give back. */
const page = 4096;

/**
 * Rotates the log of one run of a container until the signal says that the run is over.
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
  while (await fills(files, limit, enough())) await rotate(files, limit, signal);
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

async function rotate(files: ReturnType<typeof filesOf>, limit: LogLimit, signal: AbortSignal): Promise<void> {
  const { log, bundle, directory } = files;
  const full = inodeOf(log);
  const rotated = keepGeneration(log);
  using wake = wakeOn([directory], { signal });
  if (tellMonitor(bundle, reopenMessage)) while (inodeOf(log) === full && !wake.over) await wake.next();
  if (inodeOf(log) !== full) prune(log, limit);
  else rmSync(rotated, { force: true }); // the monitor ended first: it stays the log
}

/** Gives the log's file the name under which it is kept once another takes its place. */
export function keepGeneration(log: string): string {
  const path = generationPath(log, (generations(log).at(-1) ?? 0) + 1);
  linkSync(log, path);
  return path;
}

/** A rotation that was interrupted: whether the monitor was told is not known, and the file is the log still. */
function forgetUnfinished(log: string): void {
  const newest = generations(log).at(-1);
  if (newest !== undefined && inodeOf(generationPath(log, newest)) === inodeOf(log)) rmSync(generationPath(log, newest));
}

/**
 * Removes what is beyond the limit, the oldest first; of a file that became too large, its head. Of the newest the name stays,
 * though it be of an empty file: numbers go on from it, by which a reader knows what it has missed.
 */
export function prune(log: string, { maxSize, maxFile }: LogLimit): void {
  const newest = generations(log).at(-1);
  if (maxFile === 1 && newest !== undefined) empty(generationPath(log, newest));
  let budget = maxSize * (maxFile - 1);
  for (const [age, number] of generations(log).reverse().entries()) {
    const path = generationPath(log, number);
    if (age > 0 && (age >= maxFile - 1 || budget <= 0)) {
      rmSync(path, { force: true });
      continue;
    }
    const { size } = statSync(path);
    if (size - budget >= page) cutHead(path, size - budget);
    budget -= size;
  }
}

/** By another file: a reader may have this one open. */
function empty(path: string): void {
  const fresh = `${path}.tmp`;
  writeFileSync(fresh, "", { mode: statSync(path).mode & 0o777 });
  renameSync(fresh, path);
}

function cutHead(path: string, length: number): void {
  const fd = openSync(path, "r+");
  try {
    punchHole(fd, length - (length % page));
  } finally {
    closeSync(fd);
  }
}
