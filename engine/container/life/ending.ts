/**
 * The process that ends a container (`stop`, `kill`, `rm -f`) records its end. The monitor's exit command, a whole berth,
 * then has nothing to do, and for a hundred containers that are removed at once it is most of the work: so a shell in
 * front of it looks first. It waits while the process that ends the container lives and holds the lock, and starts berth
 * unless the end has been recorded: after a crash, for a restart policy, and for containers that ended by themselves.
 */
import { chmodSync, closeSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { LOCK, tryFlock } from "../../sys/libc.ts";
import { filesOf } from "../record/index.ts";

/** In the bundle, which every start makes anew: there is no older lock or mark. */
const lockName = "config.json";
const markName = "ended";
const heldBackMode = 0o400;

/**
 * $1 is the bundle, $2 the exit file, the rest the command. Without an exit file there is nothing to wait for: on a full
 * disk the monitor could not write it, and whoever waits for it waits for this command to end. A bundle goes as
 * `hideBundle` says: without its configuration the container is gone, and nobody will ever read the exit file.
 */
const script = `
[ ! -f "$2" ] || { flock 9; } 9<"$1/${lockName}"
[ ! -e "$1/${markName}" ] || exit 0
[ -e "$1/${lockName}" ] || exec rm -f "$2"
shift 2
exec "$@"`;

/** A command that starts `command` when nobody else has recorded the end. */
export function unlessRecorded(ground: Ground, id: string, command: readonly string[]): string[] {
  const { bundle, exit } = filesOf(ground, id);
  return ["/bin/sh", "-c", script, "sh", bundle, exit, ...command];
}

/** Before the signal that ends a container, until its end is recorded. What cannot be locked costs a needless start of berth. */
export function announceEnding(ground: Ground, id: string): Disposable {
  const fd = quietly(() => openSync(join(filesOf(ground, id).bundle, lockName), "r"));
  if (fd !== undefined) tryFlock(fd, LOCK.SH); // shared: `kill` must get at what `stop` waits for
  return { [Symbol.dispose]: () => fd !== undefined && closeSync(fd) };
}

/** The user ends it: its restart policy is held back. Where the record finds no room, a mode that needs none says so. */
export function holdBack(ground: Ground, id: string, mark = 1): void {
  ground.db.update("containers", "id", id, { stopped_by_user: mark });
  if (ground.db.isStandIn) quietly(() => chmodSync(join(filesOf(ground, id).bundle, lockName), heldBackMode));
}

/** True when that mode alone says so; the next start makes the file anew. */
export function wasHeldBack(ground: Ground, id: string): boolean {
  return (statSync(join(filesOf(ground, id).bundle, lockName), { throwIfNoEntry: false })?.mode ?? 0) % 0o1000 === heldBackMode;
}

/** The end is in the container's row, and no restart follows. Before the exit file is removed: the shell sees one of the two. */
export function markRecorded(ground: Ground, id: string): void {
  quietly(() => writeFileSync(join(filesOf(ground, id).bundle, markName), ""));
}

/** Before a bundle is removed, file by file: the shell must never find the mark gone and the rest still there. */
export function hideBundle(ground: Ground, id: string): void {
  rmSync(join(filesOf(ground, id).bundle, lockName), { force: true });
}

function quietly<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch {
    return undefined; // the container is gone, or the disk is full
  }
}
