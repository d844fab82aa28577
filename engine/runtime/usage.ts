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

/** A group that is gone has used nothing. */
export function readUsage(group: string, mountpoint?: string): Usage {
  if (cgroupVersion(mountpoint) === "v2") return readV2(cgroupDirectory(group, "", mountpoint));
  return readV1((controller) => cgroupDirectory(group, controller, mountpoint));
}

/** Nanoseconds of CPU time alone: one read instead of all, for the first of two looks. */
export function readCpu(group: string, mountpoint?: string): number {
  return cgroupVersion(mountpoint) === "v2"
    ? cpuV2(cgroupDirectory(group, "", mountpoint))
    : cpuV1(cgroupDirectory(group, "cpuacct", mountpoint));
}

const cpuV1 = (cpuacct: string) => number(read(`${cpuacct}/cpuacct.usage`)) ?? 0;
const cpuV2 = (directory: string) => field(read(`${directory}/cpu.stat`), "usage_usec") * 1000;

/** @param directoryOf directory of the group in a controller's hierarchy */
function readV1(directoryOf: (controller: string) => string): Usage {
  const memory = directoryOf("memory");
  const [blockRead, blockWrite] = sumBlkioV1(read(`${directoryOf("blkio")}/blkio.throttle.io_service_bytes`));
  return {
    cpu: cpuV1(directoryOf("cpuacct")),
    memory: withoutCache(number(read(`${memory}/memory.usage_in_bytes`)), field(read(`${memory}/memory.stat`), "total_inactive_file")),
    ...limit("memoryLimit", read(`${memory}/memory.limit_in_bytes`)),
    pids: number(read(`${directoryOf("pids")}/pids.current`)) ?? 0,
    ...limit("pidsLimit", read(`${directoryOf("pids")}/pids.max`)),
    blockRead,
    blockWrite,
  };
}

/** @param directory of the group in the unified hierarchy */
function readV2(directory: string): Usage {
  const [blockRead, blockWrite] = sumIoV2(read(`${directory}/io.stat`));
  return {
    cpu: cpuV2(directory),
    memory: withoutCache(number(read(`${directory}/memory.current`)), field(read(`${directory}/memory.stat`), "inactive_file")),
    ...limit("memoryLimit", read(`${directory}/memory.max`)),
    pids: number(read(`${directory}/pids.current`)) ?? 0,
    ...limit("pidsLimit", read(`${directory}/pids.max`)),
    blockRead,
    blockWrite,
  };
}

function read(path: string): string {
  try {
    return readPseudoFile(path);
  } catch {
    return "";
  }
}

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
