/**
 * Running a prepared bundle as a child of this process, without a monitor: what build steps do. The child is the runtime
 * (`runc run`), which stays until the container's process ends and passes its status on. (`run --rm` in the foreground: make.ts.)
 * And the removal of a runtime's container, however it was started.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { EngineError } from "../errors.ts";
import type { Ground } from "../state/ground.ts";
import type { Child } from "../sys/child.ts";
import { unmount } from "../sys/libc.ts";
import type { Choices, Outflow } from "../sys/pipe.ts";
import { boundRuntime } from "./bound.ts";
import { cgroupProcesses, removeCgroup } from "./cgroup.ts";
import { commandOf, loggedError, runtimeFailure } from "./failure.ts";
import type { Runtime } from "./index.ts";
import { spawnRuntime } from "./launch.ts";
import { lockStarting } from "./leftovers.ts";
import { type PipedProcess, spawnPiped } from "./piped.ts";
import { runtimeFor } from "./select.ts";

export interface DirectRun {
  /** 1-64 characters of [a-zA-Z0-9_.-]; a container id, or a build step's. */
  id: string;
  /** Its control group, if not the one named after its id. */
  group?: string;
  /** Directory that holds config.json; the runtime's log and pidfile go there. */
  bundle: string;
  stdio: Choices;
  /** Kills the container when aborted; `exited` still resolves, with 137. */
  signal?: AbortSignal;
  /** HostConfig.Runtime */
  runtime?: string;
  /** Where the runtime keeps its own copy of the configuration, if not with the others'. */
  state?: string;
}

export interface DirectProcess {
  /** The runtime. */
  child: Child;
  stdin?: Writable;
  stdout?: Outflow;
  stderr?: Outflow;
  /**
   * Exit status of the container's process, once its streams are closed too and the runtime has removed its container.
   * Rejects with `command-not-found`, `command-not-executable` or `runtime-failed` when it never started.
   */
  exited: Promise<number>;
}

/** Where the runtime writes why it failed, as JSON lines. */
export const runtimeLog = (bundle: string) => join(bundle, "runtime.log");

/** Starts `runc run` (or `crun run`) on a bundle. */
export async function runDirect(ground: Ground, run: DirectRun): Promise<DirectProcess> {
  const runtime = runtimeFor(ground, run.runtime);
  const { child, closed, ...pipes } = await spawnDirect(ground, runtime, "run", run);
  boundRuntime(runtime, child, join(run.bundle, "pidfile"), () => cgroupProcesses(groupOf(run)).forEach(killQuietly));
  const stop = () => void killDirect(run, child);
  run.signal?.addEventListener("abort", stop, { once: true });
  const exited = closed
    .then((status) => {
      const isOwn = status !== 0 && (loggedError(runtimeLog(run.bundle)) !== undefined || !existsSync(join(run.bundle, "pidfile")));
      if (isOwn && !run.signal?.aborted) throw runtimeError(run, runtime, status);
      return status;
    })
    .finally(() => run.signal?.removeEventListener("abort", stop));
  exited.catch(() => {}); // the caller awaits it, perhaps later than it settles
  if (run.signal?.aborted) stop();
  return { child, exited, ...pipes };
}

/** Starts a runtime that gets the process's streams, and writes its log and the pidfile into the bundle. */
export async function spawnDirect(ground: Ground, runtime: Runtime, verb: "run" | "create", run: DirectRun): Promise<PipedProcess> {
  const { id, bundle, state, stdio } = run;
  const args = [...runtime.globalArgs(runtimeLog(bundle), state), verb, "--bundle", bundle, "--pid-file", join(bundle, "pidfile"), id];
  using _ = await lockStarting(ground);
  return spawnPiped(stdio, (streams) => spawnRuntime(runtime, args, { streams, env: { PATH: process.env["PATH"] ?? "" } }));
}

/** Why a runtime that ended with a status of its own did not start the process: as it says, or it says nothing. */
export function runtimeError({ bundle }: DirectRun, { name }: Runtime, status: number): EngineError {
  const said = loggedError(runtimeLog(bundle)) ?? `the runtime "${name}" ended with status ${status} before it started the process`;
  return runtimeFailure(said, undefined, commandOf(bundle));
}

const groupOf = ({ id, group }: DirectRun) => group ?? id;

/** Kills the container's process; before there is one, the runtime. */
export function killDirect(run: DirectRun, child: Child): void {
  const pids = cgroupProcesses(groupOf(run)).filter((pid) => pid !== child.pid);
  for (const pid of pids) killQuietly(pid);
  // Between fork and the first process in the cgroup there is only the runtime, which takes its child along.
  if (pids.length === 0) child.kill("SIGKILL");
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone in between
  }
}

/**
 * Removes everything a runtime holds for an id: its processes, its cgroups, its state directory. Idempotent; for the
 * containers of dead owners, and as the last step after a normal end.
 */
export async function deleteRuntimeContainer(ground: Ground, id: string, group = id): Promise<void> {
  if (!removeCgroup(group)) await killCgroup(group);
  removeState(join(ground.paths.runtime, id));
}

/** Kills until the group stays empty: a process may fork while it is being looked at. */
async function killCgroup(group: string): Promise<void> {
  const { watchExit } = await import("../sys/pidfd.ts");
  for (let pids = cgroupProcesses(group); pids.length > 0; pids = cgroupProcesses(group)) {
    const ends = pids.map((pid) => watchExit(pid));
    thaw(group);
    for (const pid of pids) killQuietly(pid);
    await Promise.all(ends);
    if (pids.every(isStuck)) break;
  }
  // The kernel takes a moment to empty a group after its last process is reaped by somebody else.
  const { setImmediate: tick } = await import("node:timers/promises");
  for (const until = Date.now() + 2000; !removeCgroup(group) && Date.now() < until; ) await tick();
}

/** A process that has been killed and only waits for its parent to reap it. */
function isStuck(pid: number): boolean {
  try {
    return /\) [ZXD] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return true;
  }
}

/** Frozen processes do not die. */
function thaw(group: string): void {
  void import("./freezer.ts").then(({ setFrozen }) => setFrozen(group, false)).catch(() => {});
}

/** runc mounts its own binary below its state directory for a moment; a crash there leaves the mount. */
function removeState(state: string): void {
  try {
    rmSync(state, { recursive: true, force: true });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
  }
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const target = line.split(" ")[4];
    if (target?.startsWith(`${state}/`)) unmount(target);
  }
  rmSync(state, { recursive: true, force: true });
}
