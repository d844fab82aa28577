/**
 * Control groups of containers: where they lie on the three layouts (v1, hybrid, v2), which processes they hold, and
 * their removal. The runtime makes them; berth names them `/berth/ID`, and can so find what a dead runtime left.
 */
import { close, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, write, writeFileSync } from "node:fs";
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
export function cgroupPath(id: string): string {
  return `/berth/${id}`;
}

/** The directory of one controller's group ("memory", "pids", "freezer"); on v2 they are all one. */
export function cgroupDirectory(id: string, controller: string, mountpoint = root): string {
  return cgroupVersion(mountpoint) === "v2" ? `${mountpoint}${cgroupPath(id)}` : `${mountpoint}/${controller}${cgroupPath(id)}`;
}

/**
 * The share of block input and output on v1, in the file of the scheduler that this kernel has. Makes the group where
 * the runtime has not yet.
 * @param weight 10-1000
 * @throws EngineError `unsupported` where no scheduler knows weights
 */
export function setBlockWeight(id: string, weight: number, mountpoint = root): void {
  const directory = cgroupDirectory(id, "blkio", mountpoint);
  mkdirSync(directory, { recursive: true });
  const file = ["blkio.weight", "blkio.bfq.weight"].map((name) => `${directory}/${name}`).find((path) => existsSync(path));
  if (!file) throw new EngineError("unsupported", "cannot set the block IO weight: this kernel's schedulers know no weights");
  writeFileSync(file, String(weight));
}

/**
 * Gets the kernel ready for the runtime to move a process into a group. The first move waits 5-8 ms for a grace period of
 * RCU, further ones within the next few milliseconds do not. So this process moves to where it is already, in a thread,
 * while the container's start is being prepared.
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
export function cgroupDirectories(id: string, mountpoint = root): string[] {
  if (cgroupVersion(mountpoint) === "v2") return [`${mountpoint}${cgroupPath(id)}`].filter((path) => existsSync(path));
  return readdirSync(mountpoint)
    .map((controller) => `${mountpoint}/${controller}${cgroupPath(id)}`)
    .filter((path) => existsSync(path));
}

/** Processes in a container's group and the groups it made below, in any hierarchy. */
export function cgroupProcesses(id: string, mountpoint = root): number[] {
  const pids = new Set<number>();
  for (const directory of cgroupDirectories(id, mountpoint))
    walk(directory, (path) => {
      for (const line of read(`${path}/cgroup.procs`).split("\n")) if (line) pids.add(Number(line));
    });
  pids.delete(0);
  return [...pids];
}

/** Removes a container's groups; false when one still holds a process. */
export function removeCgroup(id: string, mountpoint = root): boolean {
  let empty = true;
  for (const directory of cgroupDirectories(id, mountpoint)) {
    walk(directory, (path) => {
      try {
        rmdirSync(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") empty = false;
      }
    });
  }
  return empty;
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
