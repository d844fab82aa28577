/**
 * Control groups of containers: where they lie on the three layouts (v1, hybrid, v2), which processes they hold, and
 * their removal. The runtime makes them; berth names them `/berth/ID`, and can so find what a dead runtime left.
 *
 * A group is an id, which stands for `/berth/ID`, or a path from the mount point, for a container with a parent of its own.
 */
import { close, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, write, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { EngineError } from "../errors.ts";

const root = "/sys/fs/cgroup";
let layout: "v1" | "v2" | undefined;

/** "v2" for the unified hierarchy alone; hybrid counts as v1, since its controllers are there. */
export function cgroupVersion(mountpoint = root): "v1" | "v2" {
  if (mountpoint !== root) return existsSync(`${mountpoint}/cgroup.controllers`) ? "v2" : "v1";
  layout ??= existsSync(`${root}/cgroup.controllers`) ? "v2" : "v1";
  return layout;
}

/** The OCI spec's cgroupsPath for the cgroupfs driver. */
export function cgroupPath(group: string): string {
  return group.startsWith("/") ? group : `/berth/${group}`;
}

/** The directory of one controller's group ("memory", "pids", "freezer"); on v2 they are all one. */
export function cgroupDirectory(group: string, controller: string, mountpoint = root): string {
  return cgroupVersion(mountpoint) === "v2" ? `${mountpoint}${cgroupPath(group)}` : `${mountpoint}/${controller}${cgroupPath(group)}`;
}

/**
 * The share of block input and output on v1, in the file of the scheduler that this kernel has. Makes the group where
 * the runtime has not yet.
 * @param weight 10-1000
 * @throws EngineError `unsupported` where no scheduler knows weights
 */
export function setBlockWeight(group: string, weight: number, mountpoint = root): void {
  writeFileSync(weightFile(group, "", mountpoint), String(weight));
}

/**
 * The same for one device.
 * @throws EngineError `unsupported` also where the device's scheduler is another than BFQ
 */
export function setDeviceWeight(group: string, device: { path: string; number: string; weight: number }, mountpoint = root): void {
  try {
    writeFileSync(weightFile(group, "_device", mountpoint), `${device.number} ${device.weight}`);
  } catch (cause) {
    if (!["EOPNOTSUPP", "ENOTSUP"].includes((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
    throw new EngineError("unsupported", `cannot set the block IO weight of "${device.path}": its scheduler knows no weights`, {
      cause,
      hint: `give it one that does: echo bfq > /sys/block/${basename(device.path)}/queue/scheduler`,
    });
  }
}

/** Takes the limit of processes, or of processor time, off a group that runs. */
export function liftLimit(group: string, of: "pids" | "cpu", mountpoint = root): void {
  const isV2 = cgroupVersion(mountpoint) === "v2";
  const [file, word] = of === "pids" ? ["pids.max", "max"] : isV2 ? ["cpu.max", "max"] : ["cpu.cfs_quota_us", "-1"];
  writeFileSync(`${cgroupDirectory(group, of, mountpoint)}/${file}`, word);
}

function weightFile(group: string, kind: "" | "_device", mountpoint: string): string {
  const directory = cgroupDirectory(group, "blkio", mountpoint);
  mkdirSync(directory, { recursive: true });
  const file = ["blkio.weight", "blkio.bfq.weight"].map((name) => `${directory}/${name}${kind}`).find((path) => existsSync(path));
  if (!file) throw new EngineError("unsupported", "cannot set the block IO weight: this kernel's schedulers know no weights");
  return file;
}

/**
 * Gets the kernel ready for the runtime to move a process into a group. The first move waits 5-8 ms for a grace period of
 * RCU, further ones within the next few milliseconds do not. So this process moves to where it is already, in a thread,
 * while the container's start is being prepared, and again while the runtime loads: by then the first may be too long ago.
 */
export function expectMove(): void {
  const [, controllers, path] = /^\d+:(?:name=)?([^:]*):(.*)$/m.exec(read("/proc/self/cgroup")) ?? [];
  if (path === undefined) return;
  let fd: number;
  try {
    fd = openSync(`${root}/${controllers}${path}/cgroup.procs`, "w");
  } catch {
    return; // not permitted here: then the runtime waits
  }
  // Done by a thread of the pool: this thread may not return to its event loop before the runtime has been started.
  write(fd, String(process.pid), () => close(fd));
}

/** Every directory of a container's group that exists. */
export function cgroupDirectories(group: string, mountpoint = root): string[] {
  return possibleDirectories(group, mountpoint).filter((path) => existsSync(path));
}

function possibleDirectories(group: string, mountpoint: string): string[] {
  const hierarchies = cgroupVersion(mountpoint) === "v2" ? [mountpoint] : readdirSync(mountpoint).map((name) => `${mountpoint}/${name}`);
  return hierarchies.map((hierarchy) => `${hierarchy}${cgroupPath(group)}`);
}

/** Processes in a container's group and the groups it made below, in any hierarchy. */
export function cgroupProcesses(group: string, mountpoint = root): number[] {
  const pids = new Set<number>();
  for (const directory of cgroupDirectories(group, mountpoint))
    walk(directory, (path) => {
      for (const line of read(`${path}/cgroup.procs`).split("\n")) if (line) pids.add(Number(line));
    });
  pids.delete(0);
  return [...pids];
}

/** Removes a container's groups; false when one still holds a process. */
export function removeCgroup(group: string, mountpoint = root): boolean {
  let empty = true;
  for (const directory of possibleDirectories(group, mountpoint)) {
    if (isRemoved(directory)) continue; // mostly there is none below
    let isLast = false;
    walk(directory, (path) => void (isLast = isRemoved(path)));
    empty &&= isLast;
  }
  return empty;
}

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}

/** Post-order: the groups below first. */
function walk(directory: string, visit: (path: string) => void): void {
  let entries: { name: string; isDirectory(): boolean }[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return; // gone in between
  }
  for (const entry of entries) if (entry.isDirectory()) walk(`${directory}/${entry.name}`, visit);
  visit(directory);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
