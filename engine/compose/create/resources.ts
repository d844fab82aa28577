/** What a service may use of the host: its own limits, and those of `deploy.resources`, which win. Pure. */
import type { DeviceMapping, HostConfig, ThrottleDevice, Ulimit } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { BlockIo, DeviceRate, Service } from "../service.ts";
import { bytes, given } from "./amounts.ts";

export function resourcesOf(service: Service): Partial<HostConfig> {
  const { limits = {}, reservations = {} } = service.deploy?.resources ?? {};
  const cpus = limits.cpus ?? service.cpus;
  return given({
    Memory: bytes(limits.memory ?? service.mem_limit),
    MemoryReservation: bytes(reservations.memory ?? service.mem_reservation),
    MemorySwap: bytes(service.memswap_limit),
    MemorySwappiness: service.mem_swappiness === undefined ? undefined : Number(service.mem_swappiness),
    NanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9),
    CpuShares: service.cpu_shares,
    CpuPeriod: service.cpu_period,
    CpuQuota: service.cpu_quota,
    CpuRealtimePeriod: service.cpu_rt_period,
    CpuRealtimeRuntime: service.cpu_rt_runtime,
    CpusetCpus: service.cpuset,
    CgroupParent: service.cgroup_parent,
    PidsLimit: limits.pids ?? service.pids_limit,
    OomKillDisable: service.oom_kill_disable,
    Ulimits: ulimitsOf(service.ulimits),
    Devices: service.devices?.map(deviceOf),
    DeviceCgroupRules: service.device_cgroup_rules,
    ...blockIoOf(service.blkio_config),
  });
}

/** Of a service or a build. */
export function ulimitsOf(ulimits: Service["ulimits"]): Ulimit[] | undefined {
  if (!ulimits) return undefined;
  return Object.entries(ulimits).map(([Name, value]) =>
    typeof value === "number" ? { Name, Soft: value, Hard: value } : { Name, Soft: value.soft ?? 0, Hard: value.hard ?? 0 },
  );
}

function deviceOf({
  source,
  target = source,
  permissions = "rwm",
}: {
  source: string;
  target?: string;
  permissions?: string;
}): DeviceMapping {
  if (!source.startsWith("/"))
    throw new EngineError("unsupported", `device "${source}" is of the Container Device Interface, which is not supported`);
  return { PathOnHost: source, PathInContainer: target, CgroupPermissions: permissions };
}

function blockIoOf(block: BlockIo = {}): Partial<HostConfig> {
  const rates = (list?: DeviceRate[]): ThrottleDevice[] | undefined =>
    list?.map(({ path, rate }) => ({ Path: path, Rate: bytes(rate) ?? 0 }));
  return {
    BlkioWeight: block.weight,
    BlkioWeightDevice: block.weight_device?.map(({ path, weight = 0 }) => ({ Path: path, Weight: weight })),
    BlkioDeviceReadBps: rates(block.device_read_bps),
    BlkioDeviceReadIOps: rates(block.device_read_iops),
    BlkioDeviceWriteBps: rates(block.device_write_bps),
    BlkioDeviceWriteIOps: rates(block.device_write_iops),
  };
}

/** `restart`, else `deploy.restart_policy`. */
export function restartPolicyOf({ restart, deploy }: Service): HostConfig["RestartPolicy"] {
  if (restart !== undefined) {
    const [name = "", count] = restart.split(":");
    return { Name: (name || "no") as "no", MaximumRetryCount: Number(count ?? 0) };
  }
  const policy = deploy?.restart_policy;
  if (!policy) return undefined;
  const attempts = policy.max_attempts ?? 0;
  if (policy.condition === "none") return { Name: "no", MaximumRetryCount: 0 };
  if (policy.condition === "on-failure") return { Name: "on-failure", MaximumRetryCount: attempts };
  return { Name: "always", MaximumRetryCount: 0 };
}
