/**
 * Making a container on a prepared bundle as a child of this process, without a monitor: its process waits to be let go, so that what
 * it needs can be made while the runtime works, and its record is written before it runs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../state/ground.ts";
import { adoptOrphans, endOfAdopted } from "../sys/child.ts";
import { type DirectProcess, type DirectRun, killDirect, runtimeError, runtimeLog, spawnDirect } from "./direct.ts";
import { killLeftovers } from "./leftovers.ts";
import { runtimeFor } from "./select.ts";
import { startProcess } from "./start-process.ts";

export interface MadeProcess extends Pick<DirectProcess, "stdin" | "stdout" | "stderr" | "exited"> {
  /** Its pid, once it waits. Rejects with what the runtime says when it cannot be made; see `DirectProcess.exited`. */
  made: Promise<number>;
  /** Lets it go. @throws EngineError `runtime-failed` */
  start(): Promise<void>;
  /** Ends what has come to be of it, the runtime too. */
  undo(): Promise<void>;
}

const killed = 128 + 9;

/** Starts `runc create` (or `crun create`) on a bundle. */
export async function makeDirect(ground: Ground, run: DirectRun): Promise<MadeProcess> {
  const runtime = runtimeFor(ground, run.runtime);
  const pidfile = join(run.bundle, "pidfile");
  const adoption = adoptOrphans(); // of the process, from the runtime, which ends
  const { child, closed, ...pipes } = await spawnDirect(ground, runtime, "create", run).catch((error: unknown) => {
    adoption[Symbol.dispose]();
    throw error;
  });
  const stop = () => void killDirect(run, child);
  run.signal?.addEventListener("abort", stop, { once: true });
  const made = child.exited
    .then((status) => {
      if (status !== 0) throw runtimeError(run, runtime, status);
      return Number(readFileSync(pidfile, "latin1"));
    })
    .finally(() => adoption[Symbol.dispose]());
  const exited = made
    .then((pid) => Promise.all([endOfAdopted(pid), closed]))
    .then(([status]) => status)
    .finally(() => run.signal?.removeEventListener("abort", stop));
  exited.catch(() => {}); // the caller awaits `made`
  if (run.signal?.aborted) stop();
  return {
    ...pipes,
    made,
    exited,
    start: async () => startProcess(ground, runtime, { id: run.id, pid: await made, log: runtimeLog(run.bundle) }),
    async undo() {
      child.kill("SIGKILL");
      if (![0, killed].includes(await child.exited)) return; // it has cleaned up itself
      killDirect(run, child);
      await killLeftovers(ground, run.id);
    },
  };
}
