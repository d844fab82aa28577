/** Which control groups this host has: version 1, version 2, or both mounted (hybrid). */
import { existsSync, readFileSync } from "node:fs";
import { type Check, error, type Finding, ok, warning } from "../check.ts";

export interface CgroupFacts {
  /** none, v1, hybrid (v1 controllers with an empty or partial v2 tree beside) or v2. */
  mode: "none" | "v1" | "hybrid" | "v2";
  /** Enabled controllers of the version in use for limits. */
  controllers: string[];
  /** Controllers that the v2 tree of a hybrid host holds: crun refuses such a host when there are any. */
  unified: string[];
}

const wanted = ["cpu", "cpuset", "memory", "pids"];

/**
 * Reads the facts of a host.
 * @param root where /sys and /proc are looked for; "" is this host, a test gives a recorded tree
 */
export function readCgroups(root = ""): CgroupFacts {
  const words = (path: string) => (existsSync(path) ? readFileSync(path, "utf8").trim().split(/\s+/).filter(Boolean) : []);
  const base = `${root}/sys/fs/cgroup`;
  if (existsSync(`${base}/cgroup.controllers`)) return { mode: "v2", controllers: words(`${base}/cgroup.controllers`), unified: [] };
  const unified = words(`${base}/unified/cgroup.controllers`);
  const controllers = readFileSync(`${root}/proc/cgroups`, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"))
    .filter(([name, hierarchy]) => hierarchy !== "0" && existsSync(`${base}/${name}`))
    .map(([name]) => name!);
  const isHybrid = existsSync(`${base}/unified/cgroup.procs`);
  return { mode: controllers.length === 0 ? "none" : isHybrid ? "hybrid" : "v1", controllers, unified };
}

/** Pure. */
export function judgeCgroups({ mode, controllers, unified }: CgroupFacts): Finding {
  if (mode === "none")
    return error("no control groups are mounted: a runtime cannot start containers", "mount -t cgroup2 none /sys/fs/cgroup");
  const held = unified.length > 0 ? `; the v2 tree holds ${unified.join(", ")}` : "";
  const detail = `${{ v1: "version 1", hybrid: "version 1 with a v2 tree beside (hybrid)", v2: "version 2" }[mode]}: ${controllers.join(", ")}${held}`;
  const absent = wanted.filter((name) => !controllers.includes(name));
  if (absent.length > 0)
    return warning(
      `${detail}; without ${absent.join(", ")}, their limits are refused`,
      "enable the controllers with the kernel parameters cgroup_enable=memory cgroup_enable=cpuset",
    );
  return ok(detail);
}

export const cgroup: Check = { name: "cgroup", run: () => judgeCgroups(readCgroups()) };
