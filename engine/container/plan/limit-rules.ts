/**
 * Which limits contradict each other or cannot be: docker's rules (daemon_unix.go, verifyPlatformContainerResources) and its
 * words. For `create` and `update` alike. Pure: what the host has comes in.
 */

import type { HostConfig } from "../../docker.ts";
import { EngineError } from "../../errors.ts";

/** What this host has to share out. */
export interface Available {
  /** Of the control groups: v1 has bounds for shares, v2 makes a weight of any. */
  cgroup(): "v1" | "v2";
  processors: number;
  /** "0-3,6": the lists of the kernel; read only when a container names some. */
  cpus(): string;
  memoryNodes(): string;
}

const least = 6 * 1024 * 1024;
const [leastShares, mostShares] = [2, 262_144];

export const refusal = (text: string) => new EngineError("invalid", text, { exit: 125 });

/** @throws EngineError `invalid` */
export function checkLimits(host: HostConfig, available: Available): void {
  checkMemory(host);
  checkProcessors(host, available);
}

function checkMemory({ Memory = 0, MemorySwap = 0, MemoryReservation = 0 }: HostConfig): void {
  if (Memory && Memory < least) throw refusal("Minimum memory limit allowed is 6MB");
  if (Memory && MemorySwap > 0 && MemorySwap < Memory)
    throw refusal("Minimum memoryswap limit should be larger than memory limit, see usage");
  if (MemorySwap > 0 && !Memory) throw refusal("You should always set the Memory limit when using Memoryswap limit, see usage");
  if (MemoryReservation && MemoryReservation < least) throw refusal("Minimum memory reservation allowed is 6MB");
  if (Memory && MemoryReservation > Memory) throw refusal("Minimum memory limit can not be less than memory reservation limit, see usage");
}

function checkProcessors(host: HostConfig, { cgroup, processors, cpus, memoryNodes }: Available): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0, CpusetCpus, CpusetMems } = host;
  if (NanoCpus && CpuPeriod) throw refusal("Conflicting options: Nano CPUs and CPU Period cannot both be set");
  if (NanoCpus && CpuQuota) throw refusal("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
  if (NanoCpus < 0 || NanoCpus > processors * 1e9)
    throw refusal(`range of CPUs is from 0.01 to ${processors}.00, as there are only ${processors} CPUs available`);
  if (CpuShares < 0) throw refusal(`invalid CPU shares (${CpuShares}): value must be a positive integer`);
  if (CpuShares) checkShares(CpuShares, cgroup());
  if (CpuPeriod && (CpuPeriod < 1000 || CpuPeriod > 1_000_000))
    throw refusal("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  if (CpuQuota > 0 && CpuQuota < 1000) throw refusal("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  const { CpuRealtimePeriod: period = 0, CpuRealtimeRuntime: runtime = 0 } = host;
  if (period && runtime > period) throw refusal("cpu real-time runtime cannot be higher than cpu real-time period");
  if (CpusetCpus) checkSet("CPUs", CpusetCpus, cpus());
  if (CpusetMems) checkSet("memory nodes", CpusetMems, memoryNodes());
}

/** As runc does, in its words: the kernel would take another number without a word. */
function checkShares(shares: number, cgroup: "v1" | "v2"): void {
  if (cgroup === "v1" && shares < leastShares) throw refusal(`the minimum allowed cpu-shares is ${leastShares}`);
  if (cgroup === "v1" && shares > mostShares) throw refusal(`the maximum allowed cpu-shares is ${mostShares}`);
}

function checkSet(what: string, asked: string, has: string): void {
  const isBackwards = (part: string) => Number(part.split("-")[0]) > Number(part.split("-").at(-1));
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(asked) || asked.split(",").some(isBackwards))
    throw refusal(`Invalid value ${asked} for cpuset ${what === "CPUs" ? "cpus" : "mems"}: invalid format: ${asked}`);
  const owned = numbersOf(has);
  if (owned.size > 0 && [...numbersOf(asked)].some((number) => !owned.has(number)))
    throw refusal(`Requested ${what} are not available - requested ${asked}, available: ${has}`);
}

/** "0-2,5" → 0 1 2 5. A range of millions is a slip, and not spelled out. */
function numbersOf(list: string): Set<number> {
  const numbers = new Set<number>();
  for (const part of list.split(",").filter(Boolean)) {
    const [first = Number.NaN, last = first] = part.split("-").map(Number);
    for (let number = first; number <= Math.min(last, first + 8192); number++) numbers.add(number);
  }
  return numbers;
}
