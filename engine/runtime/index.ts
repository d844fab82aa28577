/**
 * The runtime room: the one OCI runtime (runc or crun) that a state directory uses, the ways to start a container with it, and the
 * removal of whatever a runtime leaves. It knows bundles and ids, not images, networks or records.
 */
import type { Ground } from "../state/ground.ts";

/** Runtimes differ in what they refuse and in how they word errors; unknown ones are treated as runc. */
export type RuntimeKind = "runc" | "crun" | "other";

export interface Runtime {
  readonly kind: RuntimeKind;
  /** "runc", as `info` and `inspect` show it. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Arguments before the verb: its state directory (default under the run directory), and where it writes errors as JSON lines. */
  globalArgs(log?: string, state?: string): string[];
  /** Why this one and not the preferred one; "" when it is the preferred one. */
  readonly why: string;
  /** It must not see the v2 half of this host's hybrid cgroups (launch.ts). */
  readonly withoutUnified: boolean;
}

/**
 * The runtime to use: `options.runtime`, `$BERTH_RUNTIME`, else crun where it works, else runc.
 * @param name a container's own choice (HostConfig.Runtime); a name in PATH or an absolute path
 * @throws EngineError `runtime-missing`
 */
export async function selectRuntime(ground: Ground, name?: string): Promise<Runtime> {
  return (await import("./select.ts")).runtimeFor(ground, name);
}
