/**
 * Starting the runtime's own program. Two things are done for crun. It copies itself first, so that a container cannot
 * write to it (CVE-2019-5736), by a file and a mount in /tmp that stay when it is killed: started from a read-only mount,
 * it need not. And on hosts with hybrid cgroups, whose v2 half has controllers, it refuses to work; it works well when it
 * does not see that half, so there it is started in a mount namespace without it. (What a container is limited by lies in
 * the v1 hierarchies of such a host: nothing is lost.)
 */
import { closeSync, openSync } from "node:fs";
import { findProgram, type ProcessOptions, type ProcessResult, runProcess } from "../process/spawn.ts";
import { type Child, type ChildOptions, spawnChild } from "../sys/child.ts";
import { MS, mount, unmount } from "../sys/libc.ts";
import { inMountNamespace } from "../sys/mount-namespace.ts";
import { openReadOnly } from "../sys/read-only.ts";
import { expectMove } from "./cgroup.ts";
import { runtimeFailure } from "./failure.ts";
import type { Runtime } from "./index.ts";

const cgroups = "/sys/fs/cgroup";

function inView<T>(runtime: Runtime, step: () => T): T {
  return runtime.withoutUnified ? inMountNamespace(hideUnified, step) : step();
}

function hideUnified(): void {
  // Private first: where mounts are shared, the host would lose the hierarchy too. All else keeps its propagation,
  // on which volumes may depend.
  mount("none", cgroups, "none", MS.PRIVATE);
  unmount(`${cgroups}/unified`);
}

const mounts = new Map<string, number | undefined>();

/** Another path to the runtime's program, through a mount that this process holds as long as it lives. */
function programOf({ kind, path }: Runtime): string {
  if (kind !== "crun") return path;
  if (!mounts.has(path)) mounts.set(path, openReadOnly(path));
  return findProgram(`/proc/${process.pid}/fd/${mounts.get(path)}`) ?? path;
}

/**
 * As spawnChild.
 * @throws EngineError `runtime-failed`
 */
export function spawnRuntime(runtime: Runtime, args: string[], options: Omit<ChildOptions, "argv0">): Child {
  const program = programOf(runtime);
  expectMove();
  return inView(runtime, () => {
    try {
      return spawnChild(program, args, { ...options, argv0: runtime.path });
    } catch (cause) {
      throw runtimeFailure(`cannot run "${runtime.path}": ${(cause as Error).message}`);
    }
  });
}

/** As runProcess. */
export function runRuntime(runtime: Runtime, args: string[], options?: ProcessOptions): Promise<ProcessResult> {
  const program = programOf(runtime);
  return inView(runtime, () => runProcess(program, args, { ...options, argv0: runtime.path }));
}

/** How another program is to call the runtime, as long as it is not disposed of. */
export interface RuntimeCommand extends Disposable {
  path: string;
  /** Before the runtime's own arguments. */
  args: string[];
}

/** For conmon, which starts the runtime itself, and must not live in that namespace. */
export function commandFor(runtime: Runtime): RuntimeCommand {
  expectMove();
  const nsenter = runtime.withoutUnified ? findProgram("nsenter") : undefined;
  if (!nsenter) return { path: programOf(runtime), args: [], [Symbol.dispose]() {} };
  const namespace = inMountNamespace(hideUnified, (fd) => openSync(`/proc/self/fd/${fd}`, "r"));
  return {
    path: nsenter,
    args: [`--mount=/proc/${process.pid}/fd/${namespace}`, programOf(runtime)],
    [Symbol.dispose]: () => closeSync(namespace),
  };
}
