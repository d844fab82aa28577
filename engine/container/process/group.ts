/**
 * A container's control group: `/berth/ID`, or below the parent that `--cgroup-parent` names. The latter stands in a file of the
 * bundle, so that whoever takes back what a container left finds the group by the id alone.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostConfig } from "../../docker.ts";
import { setBlockWeight, setDeviceWeight } from "../../runtime/cgroup.ts";
import { hostFacts } from "../../runtime/host-facts.ts";
import type { Ground } from "../../state/ground.ts";
import { filesOf } from "../record/index.ts";
import { blockDevice } from "../spec/index.ts";

/** For the functions of runtime/cgroup.ts. */
export function groupOf(ground: Ground, id: string): string {
  try {
    return readFileSync(filesOf(ground, id).group, "utf8");
  } catch {
    return id;
  }
}

/** The group of a container about to start; noted if it is not the usual one. A parent never leads out of the mount point. */
export function chooseGroup(ground: Ground, id: string, { CgroupParent }: HostConfig): string {
  if (!CgroupParent) return id;
  const group = join("/", CgroupParent, id);
  writeFileSync(filesOf(ground, id).group, group, { mode: 0o600 });
  return group;
}

/**
 * What a runtime cannot set by itself, before it runs: on v1 runtimes differ in which of the schedulers' files they know, and
 * a group has real time only if those above it have.
 * @throws EngineError `unsupported`, `invalid`
 */
export async function prepareGroup(group: string, host: HostConfig): Promise<void> {
  if (hostFacts().cgroup === "v1") {
    if (host.BlkioWeight) setBlockWeight(group, host.BlkioWeight);
    for (const { Path, Weight } of host.BlkioWeightDevice ?? [])
      setDeviceWeight(group, { path: Path, number: blockDevice(Path), weight: Weight });
  }
  if (host.CpuRealtimeRuntime || host.CpuRealtimePeriod) (await import("../../runtime/real-time.ts")).grantRealTime(group, host);
}
