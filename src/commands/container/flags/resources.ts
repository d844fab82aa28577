/** Flags about resources: memory, CPUs, processes, block I/O, devices, limits. */
import type { DeviceMapping, Ulimit } from "../../../../engine/index.ts";
import type { FlagSpec, Input } from "../../command.ts";
import { isSet, listOf, numberOf, splitPair, textOf } from "../../flag-values.ts";
import { badFlag, type FlagGroup } from "./draft.ts";

/** Limits that `update` can change too. */
export const limitFlags: FlagSpec[] = [
  { name: "memory", short: "m", type: "bytes", placeholder: "BYTES", help: "Memory limit" },
  { name: "memory-swap", type: "bytes", placeholder: "BYTES", help: "Memory plus swap limit; -1 for unlimited swap" },
  { name: "memory-reservation", type: "bytes", placeholder: "BYTES", help: "Memory soft limit" },
  { name: "cpus", type: "number", placeholder: "NUMBER", help: "Number of CPUs" },
  { name: "cpu-shares", short: "c", type: "number", placeholder: "WEIGHT", help: "CPU shares (relative weight)" },
  { name: "cpu-period", type: "number", placeholder: "MICROSECONDS", help: "Limit CPU CFS period" },
  { name: "cpu-quota", type: "number", placeholder: "MICROSECONDS", help: "Limit CPU CFS quota" },
  { name: "cpu-rt-period", type: "number", placeholder: "MICROSECONDS", help: "Limit CPU real-time period" },
  { name: "cpu-rt-runtime", type: "number", placeholder: "MICROSECONDS", help: "Limit CPU real-time runtime" },
  { name: "cpuset-cpus", type: "string", placeholder: "LIST", help: "CPUs in which to allow execution (0-3, 0,1)" },
  { name: "cpuset-mems", type: "string", placeholder: "LIST", help: "Memory nodes in which to allow execution (0-3, 0,1)" },
  { name: "pids-limit", type: "number", placeholder: "NUMBER", help: "Limit the number of processes; -1 for unlimited" },
  { name: "blkio-weight", type: "number", placeholder: "WEIGHT", help: "Block I/O weight (10 to 1000), 0 to disable" },
];

export const resources: FlagGroup = {
  flags: [
    ...limitFlags,
    { name: "memory-swappiness", type: "number", placeholder: "PERCENT", help: "Tune memory swappiness (0 to 100)" },
    { name: "cgroup-parent", type: "string", placeholder: "PATH", help: "Control group in which the container's own is made" },
    { name: "oom-kill-disable", type: "boolean", help: "Disable the OOM killer" },
    { name: "oom-score-adj", type: "number", placeholder: "NUMBER", help: "Tune the host's OOM preferences (-1000 to 1000)" },
    { name: "ulimit", type: "list", placeholder: "NAME=SOFT[:HARD]", help: "Resource limit" },
    { name: "shm-size", type: "bytes", placeholder: "BYTES", help: "Size of /dev/shm" },
    {
      name: "device",
      type: "list",
      placeholder: "HOST[:CONTAINER[:PERMISSIONS]]",
      subject: "file",
      help: "Add a host device to the container",
    },
    { name: "device-cgroup-rule", type: "list", placeholder: "RULE", help: "Add a rule to the cgroup's allowed devices" },
  ],
  apply(input, { host }) {
    Object.assign(host, parseLimits(input));
    host.MemorySwappiness = within(input, "memory-swappiness", -1, 100);
    host.OomScoreAdj = within(input, "oom-score-adj", -1000, 1000);
    host.CgroupParent = textOf(input, "cgroup-parent") || undefined;
    host.ShmSize = notNegative(input, "shm-size");
    if (isSet(input, "oom-kill-disable")) host.OomKillDisable = true;
    const ulimits = listOf(input, "ulimit").map(parseUlimit);
    if (ulimits.length > 0) host.Ulimits = ulimits;
    const devices = listOf(input, "device").map(parseDevice);
    if (devices.length > 0) host.Devices = devices;
    const rules = listOf(input, "device-cgroup-rule");
    for (const rule of rules) {
      if (!/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(rule))
        throw badFlag("device-cgroup-rule", rule, `invalid device cgroup format "${rule}"`);
    }
    if (rules.length > 0) host.DeviceCgroupRules = rules;
  },
};

/** The limits given, under their HostConfig names; what is absent stays absent. */
export function parseLimits(input: Input): Record<string, number | string> {
  const cpus = numberOf(input, "cpus");
  if (cpus !== undefined && numberOf(input, "cpu-quota") !== undefined)
    throw badFlag("cpus", String(cpus), "conflicts with --cpu-quota: give one of them");
  const limits = {
    Memory: numberOf(input, "memory"),
    MemorySwap: numberOf(input, "memory-swap"),
    MemoryReservation: notNegative(input, "memory-reservation"),
    NanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9),
    CpuShares: numberOf(input, "cpu-shares"),
    CpuPeriod: numberOf(input, "cpu-period"),
    CpuQuota: numberOf(input, "cpu-quota"),
    CpuRealtimePeriod: numberOf(input, "cpu-rt-period"),
    CpuRealtimeRuntime: numberOf(input, "cpu-rt-runtime"),
    CpusetCpus: cpuList(input, "cpuset-cpus"),
    CpusetMems: cpuList(input, "cpuset-mems"),
    PidsLimit: numberOf(input, "pids-limit"),
    BlkioWeight: numberOf(input, "blkio-weight") === 0 ? 0 : within(input, "blkio-weight", 10, 1000),
  };
  return Object.fromEntries(Object.entries(limits).filter((entry): entry is [string, number | string] => entry[1] !== undefined));
}

/** "-1" is a size for swap alone. */
function notNegative(input: Input, name: string): number | undefined {
  const value = numberOf(input, name);
  if (value !== undefined && value < 0) throw badFlag(name, String(value), `invalid size: '${value}'`);
  return value;
}

function within(input: Input, name: string, least: number, most: number): number | undefined {
  const value = numberOf(input, name);
  if (value !== undefined && (value < least || value > most)) throw badFlag(name, String(value), `must be between ${least} and ${most}`);
  return value;
}

function cpuList(input: Input, name: string): string | undefined {
  const value = textOf(input, name);
  if (value !== undefined && !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(value)) throw badFlag(name, value, "must be a list such as 0-3 or 0,1");
  return value;
}

const ulimitNames = new Set(
  "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" "),
);

/** "nofile=1024:2048", "core=-1" (unlimited) */
function parseUlimit(text: string): Ulimit {
  const [Name, limits] = splitPair(text);
  if (!ulimitNames.has(Name)) throw badFlag("ulimit", text, `invalid ulimit type: ${Name}`);
  const [, soft, hard] = /^(-?\d+|unlimited)(?::(-?\d+|unlimited))?$/.exec(limits) ?? [];
  if (soft === undefined) throw badFlag("ulimit", text, "must be NAME=SOFT[:HARD]");
  const number = (value: string) => (value === "unlimited" ? -1 : Number(value));
  const Soft = number(soft);
  const Hard = number(hard ?? soft);
  if (Hard !== -1 && (Soft > Hard || Soft === -1))
    throw badFlag("ulimit", text, `ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`);
  return { Name, Soft, Hard };
}

/** "/dev/fuse", "/dev/sda:/dev/xvda:rw" */
function parseDevice(text: string): DeviceMapping {
  const [PathOnHost = "", second, third] = text.split(":");
  if (!PathOnHost.startsWith("/")) throw badFlag("device", text, "the device's path must be absolute");
  const isMode = (word: string | undefined) => word !== undefined && /^[rwm]{1,3}$/.test(word);
  const permissions = third ?? (isMode(second) ? second : undefined) ?? "rwm";
  if (!isMode(permissions)) throw badFlag("device", text, `bad mode specified: ${permissions}`);
  const PathInContainer = second === undefined || isMode(second) ? PathOnHost : second;
  if (!PathInContainer.startsWith("/")) throw badFlag("device", text, `${PathInContainer} is not an absolute path`);
  return { PathOnHost, PathInContainer, CgroupPermissions: permissions };
}
