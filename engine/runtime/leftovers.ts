/** Monitors and runtimes that a dead process started: found by their arguments, which name the container and the state directory. */
import { readdirSync, readFileSync } from "node:fs";
import { killProcess } from "../process/kill.ts";
import type { Ground } from "../state/ground.ts";
import { lock } from "../state/locks.ts";
import { watchExit } from "../sys/pidfd.ts";

/**
 * Held, shared, while a runtime is started. The forked child inherits the lock until it executes the runtime: a process that takes
 * it alone knows that everything started before can be seen by its arguments.
 */
export function lockStarting(ground: Ground): Promise<Disposable> {
  return lock(ground, "starting", { shared: true });
}

/** Kills those of a container or build step whose owner died, and waits for their end. */
export async function killLeftovers(ground: Ground, id: string): Promise<void> {
  (await lock(ground, "starting"))[Symbol.dispose]();
  // Again until there are none: a runtime may fork between the look and its end.
  for (let found = leftovers(ground, id); found.length > 0; found = leftovers(ground, id)) {
    const ends = found.map((pid) => watchExit(pid));
    for (const pid of found) killProcess(pid);
    await Promise.all(ends);
  }
}

function leftovers(ground: Ground, id: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isLeftover(ground, pid, id));
}

/** A zombie has no arguments. */
function isLeftover(ground: Ground, pid: number, id: string): boolean {
  let words: string[];
  try {
    words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return false;
  }
  // The state directory, or a step's bundle, is among the arguments, so that no other state directory's container is meant.
  return words.includes(id) && words.some((word) => word === ground.paths.runtime || word.startsWith(`${ground.paths.build}/`));
}
