/**
 * Keeping a runtime that waits for its process from working for it: a process that lets itself be traced by its parent,
 * and stops, makes crun turn in a circle, which no limit of the container holds.
 */
import { existsSync, type FSWatcher, watch } from "node:fs";
import { constants as os } from "node:os";
import { basename, dirname } from "node:path";
import { type Child, limitProcessorTime } from "../sys/child.ts";
import type { Runtime } from "./index.ts";

/** Seconds of processor time: starting takes a hundredth of it, and waiting nothing. */
const ownTime = 2;
/** Milliseconds before it is looked whether there is a process: most are over by then, and a watch costs as much as an exec's start. */
const unwatched = 100;

/**
 * Lets the kernel end a runtime that takes too much. The limit comes when there is a process, which would inherit it.
 * @param pidfile what the runtime writes when it has started the process
 * @param kill ends what the runtime has left when it was killed
 */
export function boundRuntime({ kind }: Runtime, child: Child, pidfile: string, kill: () => void): void {
  if (kind !== "crun") return;
  let watcher: FSWatcher | undefined;
  const limit = () => {
    if (!existsSync(pidfile)) return;
    watcher?.close();
    limitProcessorTime(child.pid, ownTime);
  };
  const timer = setTimeout(() => {
    watcher = watch(dirname(pidfile), (_, name) => void (name === basename(pidfile) && limit()));
    limit(); // it may be there already
  }, unwatched);
  void child.exited.then((status) => {
    clearTimeout(timer);
    watcher?.close();
    if (status === 128 + os.signals.SIGKILL) kill();
  });
}
