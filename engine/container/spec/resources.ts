/** HostConfig's limits as the OCI runtime-spec's linux.resources and rlimits. Pure. */

import type { HostConfig } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { HostFacts } from "../../runtime/host-facts.ts";
import type { UpdateConfig } from "../types.ts";
import { rlimInfinity } from "./encode.ts";
import type { OciDeviceRule, OciResources, OciRlimit } from "./oci.ts";

/** Microseconds: the kernel's own default, against which `--cpus` is counted. */
const defaultPeriod = 100_000;

/** The limits that `update` can change too; those not set are left out, as are those of -1, "no limit", which a new group has anyway. */
export function limitsOf(host: UpdateConfig & HostConfig, facts: Pick<HostFacts, "swapLimit" | "cgroup">): OciResources {
  const memory = memoryOf(host, facts);
  const cpu = cpuOf(host);
  return {
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(host.PidsLimit && host.PidsLimit > 0 && { pids: { limit: host.PidsLimit } }),
    // On v1 runtimes differ in which of the schedulers' files they know: berth writes it (setBlockWeight).
    ...(host.BlkioWeight && facts.cgroup === "v2" && { blockIO: { weight: host.BlkioWeight } }),
  };
}

function memoryOf(host: HostConfig, { swapLimit, cgroup }: Pick<HostFacts, "swapLimit" | "cgroup">): NonNullable<OciResources["memory"]> {
  const { Memory, MemorySwap, MemoryReservation, MemorySwappiness, OomKillDisable } = host;
  // docker: with a limit and no word on swap, as much swap as memory
  const swap = MemorySwap || (Memory ? Memory * 2 : undefined);
  return {
    ...(Memory && { limit: Memory }),
    ...(swap && swapLimit && { swap }),
    ...(MemoryReservation && { reservation: MemoryReservation }),
    ...(cgroup === "v1" && MemorySwappiness !== undefined && MemorySwappiness >= 0 && { swappiness: MemorySwappiness }),
    ...(cgroup === "v1" && OomKillDisable && { disableOOMKiller: true }),
  };
}

/** What `memoryOf` leaves out, in docker's words. */
export function memoryWarnings(host: HostConfig, { swapLimit, cgroup }: Pick<HostFacts, "swapLimit" | "cgroup">): string[] {
  const { Memory, MemorySwappiness = -1, OomKillDisable } = host;
  const unsupported = "capabilities or the cgroup is not mounted.";
  return [
    ...(Memory && !swapLimit ? [`Your kernel does not support swap limit ${unsupported} Memory limited without swap.`] : []),
    ...(cgroup === "v2" && MemorySwappiness >= 0
      ? [`Your kernel does not support memory swappiness ${unsupported} Memory swappiness discarded.`]
      : []),
    ...(cgroup === "v2" && OomKillDisable ? ["Your kernel does not support OomKillDisable. OomKillDisable discarded."] : []),
  ];
}

function cpuOf(host: HostConfig): NonNullable<OciResources["cpu"]> {
  const { NanoCpus, CpuShares, CpuPeriod, CpuQuota, CpusetCpus, CpusetMems, CpuRealtimePeriod, CpuRealtimeRuntime } = host;
  const period = CpuPeriod || (NanoCpus ? defaultPeriod : undefined);
  const quota = NanoCpus ? Math.round((NanoCpus * (period ?? defaultPeriod)) / 1e9) : CpuQuota;
  return {
    ...(CpuShares && { shares: CpuShares }),
    ...(quota && quota > 0 && { quota }),
    ...(period && { period }),
    ...(CpuRealtimePeriod && { realtimePeriod: CpuRealtimePeriod }),
    ...(CpuRealtimeRuntime && { realtimeRuntime: CpuRealtimeRuntime }),
    ...(CpusetCpus && { cpus: CpusetCpus }),
    ...(CpusetMems && { mems: CpusetMems }),
  };
}

/** docker's device rules: nothing but the harmless ones; the runtime adds pts and ptmx. */
export const defaultDeviceRules: readonly OciDeviceRule[] = [
  { allow: false, access: "rwm" },
  ...[5, 3, 9, 8].map((minor) => ({ allow: true, type: "c", major: 1, minor, access: "rwm" })),
  ...[0, 1].map((minor) => ({ allow: true, type: "c", major: 5, minor, access: "rwm" })),
  { allow: false, type: "c", major: 10, minor: 229, access: "rwm" },
];

/** "c 42:* rmw" @throws EngineError `invalid` */
export function parseDeviceRule(rule: string): OciDeviceRule {
  const [, type, major, minor, access] = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(rule) ?? [];
  if (!type || !access) throw new EngineError("invalid", `invalid device cgroup rule "${rule}"`, { hint: 'write it as "c 1:3 rwm"' });
  // Absent is any (OCI runtime-spec, "Allowed Device list"); crun knows no other way to say so.
  return { allow: true, type, ...(major !== "*" && { major: Number(major) }), ...(minor !== "*" && { minor: Number(minor) }), access };
}

/**
 * Ulimits as rlimits. Without CAP_SYS_RESOURCE nothing can be raised above this process's hard limit, and the runtime
 * would fail: such a limit is lowered, with a warning.
 */
export function rlimitsOf(
  host: HostConfig,
  facts: Pick<HostFacts, "hardLimits" | "capabilities">,
): { rlimits: OciRlimit[]; warnings: string[] } {
  const warnings: string[] = [];
  const rlimits = (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => {
    const type = `RLIMIT_${Name.toUpperCase()}`;
    const own = facts.capabilities.includes("CAP_SYS_RESOURCE")
      ? Number.POSITIVE_INFINITY
      : (facts.hardLimits[type] ?? Number.POSITIVE_INFINITY);
    const wanted = { soft: unlimited(Soft), hard: unlimited(Hard) };
    if (wanted.hard > own)
      warnings.push(`ulimit ${Name}=${Hard} is lowered to ${own}: raising it above berth's own limit needs CAP_SYS_RESOURCE`);
    const hard = Math.min(wanted.hard, own);
    return { type, soft: rlimitNumber(Math.min(wanted.soft, hard)), hard: rlimitNumber(hard) };
  });
  return { rlimits, warnings };
}

/**
 * `--oom-score-adj`; 0 when not given, whatever berth's own is. Lower than its own needs CAP_SYS_RESOURCE, and the
 * runtime would fail: the container then gets berth's own, with a warning if the user asked for less.
 */
export function oomScoreOf(
  { OomScoreAdj: wanted = 0 }: HostConfig,
  { oomScoreAdj: own = 0, capabilities }: Pick<HostFacts, "oomScoreAdj" | "capabilities">,
): { value: number; warnings: string[] } {
  if (wanted >= own || capabilities.includes("CAP_SYS_RESOURCE")) return { value: wanted, warnings: [] };
  const told = `OOM score adjustment ${wanted} is raised to ${own}: going below berth's own needs CAP_SYS_RESOURCE`;
  return { value: own, warnings: wanted < 0 ? [told] : [] };
}

const unlimited = (value: number) => (value < 0 ? Number.POSITIVE_INFINITY : value);
const rlimitNumber = (value: number) => (value === Number.POSITIVE_INFINITY ? rlimInfinity : value);
