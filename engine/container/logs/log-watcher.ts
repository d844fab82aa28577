/**
 * The watcher: one shell per state directory, half a megabyte, that looks at the sizes of logs every two seconds. It hands a log that has
 * reached its limit to the supervisor (supervise.ts), which rotates it and hands it back once it has become quiet. Most containers never
 * write that much, so that none of them costs a Node process. Whose a log is says a file in the container's bundle: with the file
 * "quiet" it is the watcher's, without it the supervisor's. So neither a crash nor a race leaves a log to nobody.
 */
import { closeSync, constants, existsSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import type { Paths } from "../../state/paths.ts";
import { readSettings } from "../../state/settings.ts";
import { limitOf } from "../plan/index.ts";
import { type ContainerRecord, filesOf, healthOf } from "../record/index.ts";

/** A pipe in the run directory: a line wakes the watcher before its time. */
const pipe = (paths: Paths) => join(paths.run, "log-watcher");

/**
 * Looks (shell builtins, and one stat(1) for all logs), then waits for two seconds or for a line in the pipe. Ends when no monitor of
 * a "quiet" log lives, or when the state directory is not where it was. A container that is started just then may have found the
 * watcher's lock still taken: so the watcher lets go of the lock, and of the note in it that it holds it, looks once more, and if
 * something is there becomes a berth command, which starts a new watcher. Container ids are hexadecimal: the list of logs needs no quotes.
 */
const script = `
cd "$1" && home=$1 pipe=$2 && shift 2 || exit
[ -p "$pipe" ] || mkfifo -m 600 "$pipe" || exit
exec 4<>"$pipe"
watched() {
  logs=
  for quiet in */bundle/quiet; do
    pid= name=
    read -r pid <"\${quiet%quiet}conmon.pid"
    read -r name <"/proc/\${pid:-none}/comm"
    [ "$name" = conmon ] && logs="$logs \${quiet%%/*}/ctr.log"
  done
  [ "$logs" ] && [ "$home" -ef . ]
}
while watched || { true >/proc/self/fd/3; exec 3>&-; watched && cd / && exec "$@" 4>&-; exit; }; do
  full=
  for each in $(stat -c %n:%s $logs); do
    bundle=\${each%%/*}/bundle limit=
    read -r limit <"$bundle/quiet"
    [ "\${each##*:}" -ge "\${limit:-x}" ] && mv "$bundle/quiet" "$bundle/loud" && full=y
  done
  if [ "$full" ]; then (cd / && exec "$@") 3>&- 4>&- & fi
  timeout 2 head -n 1 <&4 3>&- 4>&-
  case $? in 125 | 126 | 127) exit ;; esac
done`;

/** @param supervise the command that starts a supervisor, or tells one that is there to look */
export function watcherCommand(paths: Paths, supervise: readonly string[]): string[] {
  return ["/bin/sh", "-c", script, "berth-log-watcher", paths.containers, pipe(paths), ...supervise];
}

/**
 * Before a container starts: its log is the watcher's if its size limit is berth's or the administrator's. A limit that the user chose
 * is kept by the supervisor from the beginning, within milliseconds; and a container with a health check has the supervisor anyway.
 */
export function entrustLog(ground: Ground, { id, config, host }: Pick<ContainerRecord, "id" | "config" | "host">): void {
  const limit = limitOf(host.LogConfig);
  const size = host.LogConfig?.Config["max-size"];
  if (!limit || healthOf({ config }) || (size !== undefined && size !== administratorsSize())) return;
  writeFileSync(filesOf(ground, id).quietLog, `${limit.maxSize}\n`, { mode: 0o600 });
}

function administratorsSize(): string | undefined {
  try {
    return readSettings().logOptions["max-size"];
  } catch {
    return undefined; // who creates a container is told; one that is there already can be started
  }
}

/** Hands a log back to the watcher. */
export function returnLog(ground: Ground, { id }: Pick<ContainerRecord, "id">): void {
  const { loudLog, quietLog } = filesOf(ground, id);
  try {
    renameSync(loudLog, quietLog);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // the run is ending
  }
}

/** At the end of a run. Wakes the watcher, which ends at once if this log was the last. */
export function releaseLog(ground: Ground, id: string): void {
  const { loudLog, quietLog } = filesOf(ground, id);
  rmSync(loudLog, { force: true });
  if (!existsSync(quietLog)) return;
  rmSync(quietLog, { force: true });
  wakeWatcher(ground);
}

function wakeWatcher({ paths }: Ground): void {
  let fd: number | undefined;
  try {
    fd = openSync(pipe(paths), constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, "\n");
  } catch {
    // no watcher runs, or the pipe is full of lines already
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
