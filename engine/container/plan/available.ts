/** What this host has to share out among containers. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { cgroupVersion } from "../../runtime/cgroup.ts";
import type { Available } from "./limit-rules.ts";

export const thisHost: Available = {
  cgroup: cgroupVersion,
  processors: availableParallelism(),
  cpus: () => online("cpu"),
  memoryNodes: () => online("node"),
};

/** "" where the kernel does not say (no NUMA): then the runtime's word counts. */
function online(kind: "cpu" | "node"): string {
  try {
    return readFileSync(`/sys/devices/system/${kind}/online`, "utf8").trim();
  } catch {
    return "";
  }
}
