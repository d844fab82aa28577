/**
 * What a container's control group has used (kernel documentation: cgroup-v1 memory, cpuacct, blkio, pids; cgroup-v2).
 * On the hybrid layout the controllers are v1's.
 */
import { readPseudoFile } from "../sys/pseudo-file.ts";
import { cgroupDirectory, cgroupVersion } from "./cgroup.ts";

export interface Usage {
  /** Nanoseconds of CPU time. */
  cpu: number;
  /** Bytes without the page cache that the kernel would give up first, as docker counts. */
  memory: number;
  /** Bytes; undefined when unlimited. */
  memoryLimit?: number;
  pids: number;
  pidsLimit?: number;
  /** Bytes. */
  blockRead: number;
  blockWrite: number;
}

/** What few ask for, beside the above. */
export interface UsageDetail {
  /** Nanoseconds; `perCpu` with control groups v1 alone. */
  cpu: { user: number; kernel: number; perCpu?: number[]; periods: number; throttled: number; throttledTime: number };
  /** Bytes, with the page cache; the kernel's own counters by name. */
  memory: { usage: number; max?: number; failures?: number; stats: Record<string, number> };
  /** Bytes by device, in the kernel's words ("Read", "rbytes" is "read"). */
  blocks: { major: number; minor: number; op: string; value: number }[];
}

/** A group that is gone has used nothing. @param read what reads its files: another where they are kept open */
export function readUsage(group: string, read: Read = readPseudoFile, mountpoint?: string): Usage {
  const text = orNothing(read);
  if (cgroupVersion(mountpoint) === "v2") return readV2(cgroupDirectory(group, "", mountpoint), text);
  return readV1((controller) => cgroupDirectory(group, controller, mountpoint), text);
}

/** Nanoseconds of CPU time alone: one read instead of all, for the first of two looks. */
export function readCpu(group: string, read: Read = readPseudoFile, mountpoint?: string): number {
  return cgroupVersion(mountpoint) === "v2"
    ? cpuV2(cgroupDirectory(group, "", mountpoint), orNothing(read))
    : cpuV1(cgroupDirectory(group, "cpuacct", mountpoint), orNothing(read));
}

export function readDetail(group: string, mountpoint?: string): UsageDetail {
  if (cgroupVersion(mountpoint) === "v2") return detailV2(cgroupDirectory(group, "", mountpoint));
  return detailV1((controller) => cgroupDirectory(group, controller, mountpoint));
}

/** Bytes in use without the cache that can be dropped at once, as in `Usage`. */
export function usedOf({ usage, stats }: UsageDetail["memory"]): number {
  return withoutCache(usage, stats["total_inactive_file"] ?? stats["inactive_file"] ?? 0);
}

/** cpuacct.stat counts ticks of 10 ms. */
function detailV1(directoryOf: (controller: string) => string): UsageDetail {
  const [cpuacct, memory] = [directoryOf("cpuacct"), directoryOf("memory")];
  const [ticks, quota] = [fields(read(`${cpuacct}/cpuacct.stat`)), fields(read(`${directoryOf("cpu")}/cpu.stat`))];
  return {
    cpu: {
      ...{ user: (ticks["user"] ?? 0) * 1e7, kernel: (ticks["system"] ?? 0) * 1e7 },
      perCpu: read(`${cpuacct}/cpuacct.usage_percpu`).trim().split(/\s+/).filter(Boolean).map(Number),
      ...{ periods: quota["nr_periods"] ?? 0, throttled: quota["nr_throttled"] ?? 0, throttledTime: quota["throttled_time"] ?? 0 },
    },
    memory: {
      usage: number(read(`${memory}/memory.usage_in_bytes`)) ?? 0,
      max: number(read(`${memory}/memory.max_usage_in_bytes`)) ?? 0,
      failures: number(read(`${memory}/memory.failcnt`)) ?? 0,
      stats: fields(read(`${memory}/memory.stat`)),
    },
    blocks: [...read(`${directoryOf("blkio")}/blkio.throttle.io_service_bytes`).matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm)].map(
      ([, major, minor, op = "", value]) => ({ major: Number(major), minor: Number(minor), op, value: Number(value) }),
    ),
  };
}

function detailV2(directory: string): UsageDetail {
  const cpu = fields(read(`${directory}/cpu.stat`));
  const microseconds = (name: string) => (cpu[name] ?? 0) * 1000;
  return {
    cpu: {
      ...{ user: microseconds("user_usec"), kernel: microseconds("system_usec") },
      ...{ periods: cpu["nr_periods"] ?? 0, throttled: cpu["nr_throttled"] ?? 0, throttledTime: microseconds("throttled_usec") },
    },
    memory: { usage: number(read(`${directory}/memory.current`)) ?? 0, stats: fields(read(`${directory}/memory.stat`)) },
    blocks: [...read(`${directory}/io.stat`).matchAll(/^(\d+):(\d+) (.*)$/gm)].flatMap(([, major, minor, counters = ""]) =>
      (
        [
          ["read", "rbytes"],
          ["write", "wbytes"],
        ] as const
      ).map(([op, name]) => ({
        ...{ major: Number(major), minor: Number(minor), op },
        value: Number(new RegExp(`\\b${name}=(\\d+)`).exec(counters)?.[1] ?? 0),
      })),
    ),
  };
}

/** "name value" lines. */
function fields(text: string): Record<string, number> {
  return Object.fromEntries([...text.matchAll(/^(\w+) (\d+)$/gm)].map(([, name = "", value]) => [name, Number(value)]));
}

const cpuV1 = (cpuacct: string, read: Read) => number(read(`${cpuacct}/cpuacct.usage`)) ?? 0;
const cpuV2 = (directory: string, read: Read) => field(read(`${directory}/cpu.stat`), "usage_usec") * 1000;

/** @param directoryOf directory of the group in a controller's hierarchy */
function readV1(directoryOf: (controller: string) => string, read: Read): Usage {
  const memory = directoryOf("memory");
  const [blockRead, blockWrite] = sumBlkioV1(read(`${directoryOf("blkio")}/blkio.throttle.io_service_bytes`));
  return {
    cpu: cpuV1(directoryOf("cpuacct"), read),
    memory: withoutCache(number(read(`${memory}/memory.usage_in_bytes`)), field(read(`${memory}/memory.stat`), "total_inactive_file")),
    ...limit("memoryLimit", read(`${memory}/memory.limit_in_bytes`)),
    pids: number(read(`${directoryOf("pids")}/pids.current`)) ?? 0,
    ...limit("pidsLimit", read(`${directoryOf("pids")}/pids.max`)),
    blockRead,
    blockWrite,
  };
}

/** @param directory of the group in the unified hierarchy */
function readV2(directory: string, read: Read): Usage {
  const [blockRead, blockWrite] = sumIoV2(read(`${directory}/io.stat`));
  return {
    cpu: cpuV2(directory, read),
    memory: withoutCache(number(read(`${directory}/memory.current`)), field(read(`${directory}/memory.stat`), "inactive_file")),
    ...limit("memoryLimit", read(`${directory}/memory.max`)),
    pids: number(read(`${directory}/pids.current`)) ?? 0,
    ...limit("pidsLimit", read(`${directory}/pids.max`)),
    blockRead,
    blockWrite,
  };
}

/** Reads a file of the kernel's. */
type Read = (path: string) => string;

/** Files that are not there have nothing in them. */
const orNothing = (from: Read) => (path: string) => {
  try {
    return from(path);
  } catch {
    return "";
  }
};
const read = orNothing(readPseudoFile);

function number(text: string): number | undefined {
  return /^\d+/.test(text) ? Number.parseInt(text, 10) : undefined;
}

/** "name value" lines. */
function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
}

function withoutCache(usage: number | undefined, inactive: number): number {
  return usage === undefined ? 0 : inactive < usage ? usage - inactive : usage;
}

/** "max" and v1's page-rounded 2^63 mean no limit. */
function limit<K extends string>(key: K, text: string): { [P in K]?: number } {
  const value = number(text);
  return (value === undefined || value > Number.MAX_SAFE_INTEGER ? {} : { [key]: value }) as { [P in K]?: number };
}

/** "8:0 Read 4096" lines, one per device and operation. */
function sumBlkioV1(text: string): [number, number] {
  const sum = (operation: string) =>
    [...text.matchAll(new RegExp(`^\\d+:\\d+ ${operation} (\\d+)`, "gm"))].reduce((total, [, bytes]) => total + Number(bytes), 0);
  return [sum("Read"), sum("Write")];
}

/** "8:0 rbytes=1 wbytes=2 …" lines. */
function sumIoV2(text: string): [number, number] {
  const sum = (key: string) =>
    [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, "g"))].reduce((total, [, bytes]) => total + Number(bytes), 0);
  return [sum("rbytes"), sum("wbytes")];
}
