/**
 * Running a prepared bundle as a child of this process, without a monitor: what `run --rm` in the foreground and build
 * steps do. The child is the runtime (`runc run`), which stays until the container's process ends and passes its status
 * on. And the removal of a runtime's container, however it was started.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { Ground } from "../state/ground.ts";
import type { Child } from "../sys/child.ts";
import { unmount } from "../sys/libc.ts";
import type { Outflow } from "../sys/pipe.ts";
import { boundRuntime } from "./bound.ts";
import { cgroupProcesses, removeCgroup } from "./cgroup.ts";
import { commandOf, loggedError, runtimeFailure } from "./failure.ts";
import { spawnRuntime } from "./launch.ts";
import { lockStarting } from "./leftovers.ts";
import { type Choices, spawnPiped } from "./piped.ts";
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
  const log = runtimeLog(run.bundle);
  const args = [...runtime.globalArgs(log, run.state), "run", "--bundle", run.bundle, "--pid-file", join(run.bundle, "pidfile"), run.id];
  using _ = await lockStarting(ground);
  const { child, closed, ...pipes } = spawnPiped(run.stdio, (streams) =>
    spawnRuntime(runtime, args, { streams, env: { PATH: process.env["PATH"] ?? "" } }),
  );
  boundRuntime(runtime, child, join(run.bundle, "pidfile"), () => cgroupProcesses(groupOf(run)).forEach(killQuietly));
  const stop = () => void killDirect(run, child);
  run.signal?.addEventListener("abort", stop, { once: true });
  const exited = closed
    .then((status) => {
      const error = status === 0 ? undefined : (loggedError(log) ?? silentFailure(run.bundle, runtime.name, status));
      if (error && !run.signal?.aborted) throw runtimeFailure(error, undefined, commandOf(run.bundle));
      return status;
    })
    .finally(() => run.signal?.removeEventListener("abort", stop));
  exited.catch(() => {}); // the caller awaits it, perhaps later than it settles
  if (run.signal?.aborted) stop();
  return { child, exited, ...pipes };
}

/** A runtime that ended before it wrote the pidfile never started the process: the status is its own, not the container's. */
function silentFailure(bundle: string, name: string, status: number): string | undefined {
  if (existsSync(join(bundle, "pidfile"))) return undefined;
  return `the runtime "${name}" ended with status ${status} before it started the process`;
}

const groupOf = ({ id, group }: DirectRun) => group ?? id;

/** Kills the container's process; before there is one, the runtime. */
function killDirect(run: DirectRun, child: Child): void {
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
  const state = join(ground.paths.runtime, id);
  if (removeCgroup(group)) {
    if (existsSync(state)) removeState(state);
    return;
  }
  await killCgroup(group);
  if (existsSync(state)) removeState(state);
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
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const target = line.split(" ")[4];
    if (target?.startsWith(`${state}/`)) unmount(target);
  }
  rmSync(state, { recursive: true, force: true });
}
