/** Which OCI runtime to use. crun starts a container in a third of runc's time. */
import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { EngineError } from "../errors.ts";
import { findProgram } from "../process/spawn.ts";
import type { Ground } from "../state/ground.ts";
import type { Runtime, RuntimeKind } from "./index.ts";

const chosen = new WeakMap<Ground, Map<string, Runtime>>();

/** See index.ts; synchronous, and remembered per state directory. */
export function runtimeFor(ground: Ground, name = ""): Runtime {
  let known = chosen.get(ground);
  if (!known) chosen.set(ground, (known = new Map()));
  let runtime = known.get(name);
  if (!runtime) known.set(name, (runtime = find(ground, name || askedFor(ground))));
  return runtime;
}

function askedFor(ground: Ground): string {
  return ground.options.runtime || process.env["BERTH_RUNTIME"] || "";
}

/** The default runtime as a container can name it: by its path if it was asked for by one. */
export function defaultRuntimeName(ground: Ground): string {
  const { name, path } = runtimeFor(ground);
  return askedFor(ground).includes("/") ? resolve(path) : name;
}

function find(ground: Ground, wanted: string): Runtime {
  if (wanted) {
    const path = findProgram(wanted);
    if (!path)
      throw new EngineError("runtime-missing", `unknown or invalid runtime name: ${wanted}`, {
        hint: "give the name of a runtime in PATH (runc, crun) or its absolute path",
      });
    return make(ground, path, "asked for");
  }
  const crun = findProgram("crun");
  if (crun) return make(ground, crun, "");
  const runc = findProgram("runc");
  if (runc) return make(ground, runc, "crun is not installed");
  throw new EngineError("runtime-missing", "cannot find an OCI runtime: neither crun nor runc is installed");
}

function make(ground: Ground, path: string, why: string): Runtime {
  const name = basename(path);
  const kind: RuntimeKind = name.startsWith("crun") ? "crun" : name.startsWith("runc") ? "runc" : "other";
  return {
    kind,
    name,
    path,
    why,
    withoutUnified: kind === "crun" && hasControllersInUnified(),
    globalArgs: (log, state = ground.paths.runtime) => ["--root", state, ...(log ? ["--log", log, "--log-format", "json"] : [])],
  };
}

/**
 * The hybrid cgroup layout whose v2 half has controllers, which crun refuses ("cgroups in hybrid mode not supported").
 * @param mountpoint of the cgroup file systems
 */
export function hasControllersInUnified(mountpoint = "/sys/fs/cgroup"): boolean {
  const controllers = `${mountpoint}/unified/cgroup.controllers`;
  return existsSync(controllers) && readFileSync(controllers, "utf8").trim() !== "";
}
