/** What has to be set in a control group before there is a process in it. */
import type { HostConfig } from "../../docker.ts";
import { setBlockWeight, setDeviceWeight } from "../../runtime/cgroup.ts";
import { hostFacts } from "../../runtime/host-facts.ts";
import { blockDevice } from "../spec/index.ts";

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
