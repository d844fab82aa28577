/** Which OCI runtime to use. crun starts a container in a third of runc's time. */
import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { findProgram } from "../process/spawn.ts";
import type { Runtime, RuntimeKind } from "./index.ts";

const chosen = new WeakMap<House, Map<string, Runtime>>();

/** See index.ts; synchronous, and remembered per house. */
export function runtimeFor(house: House, name = ""): Runtime {
  let known = chosen.get(house);
  if (!known) chosen.set(house, (known = new Map()));
  let runtime = known.get(name);
  if (!runtime) known.set(name, (runtime = find(house, name || askedFor(house))));
  return runtime;
}

function askedFor(house: House): string {
  return house.options.runtime || process.env["BERTH_RUNTIME"] || "";
}

/** The default runtime as a container can name it: by its path if it was asked for by one. */
export function defaultRuntimeName(house: House): string {
  const { name, path } = runtimeFor(house);
  return askedFor(house).includes("/") ? resolve(path) : name;
}

function find(house: House, wanted: string): Runtime {
  if (wanted) {
    const path = findProgram(wanted);
    if (!path)
      throw new EngineError("runtime-missing", `cannot find the OCI runtime "${wanted}"`, {
        hint: "give the name of a runtime in PATH (runc, crun) or its absolute path",
      });
    return make(house, path, "asked for");
  }
  const crun = findProgram("crun");
  if (crun) return make(house, crun, "");
  const runc = findProgram("runc");
  if (runc) return make(house, runc, "crun is not installed");
  throw new EngineError("runtime-missing", "cannot find an OCI runtime: neither crun nor runc is installed");
}

function make(house: House, path: string, why: string): Runtime {
  const name = basename(path);
  const kind: RuntimeKind = name.startsWith("crun") ? "crun" : name.startsWith("runc") ? "runc" : "other";
  return {
    kind,
    name,
    path,
    why,
    withoutUnified: kind === "crun" && hasControllersInUnified(),
    globalArgs: (log, state = house.paths.runtime) => ["--root", state, ...(log ? ["--log", log, "--log-format", "json"] : [])],
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
