/**
 * Real time for a group's processes (`--cpu-rt-runtime` of every `--cpu-rt-period`; kernel documentation, sched-rt-group).
 * New groups have none, and no group can have more than what the one above it can spare: so those above get as much.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineError } from "../errors.ts";
import { cgroupDirectory, cgroupVersion } from "./cgroup.ts";

/** Microseconds; the kernel's period of a new group. */
const usualPeriod = 1_000_000;

/**
 * Makes room in the groups above for what a container asks for. The runtime then gives it to the container's own.
 * @throws EngineError `unsupported` where the kernel has no real time for groups, `invalid` for more than there is
 */
export function grantRealTime(
  group: string,
  { CpuRealtimePeriod: period = usualPeriod, CpuRealtimeRuntime: runtime = 0 }: { CpuRealtimePeriod?: number; CpuRealtimeRuntime?: number },
  mountpoint?: string,
): void {
  const own = cgroupDirectory(group, "cpu", mountpoint);
  const top = dirname(cgroupDirectory("/any", "cpu", mountpoint));
  if (cgroupVersion(mountpoint) === "v2" || !existsSync(join(top, runtimeFile)))
    throw new EngineError("unsupported", "the kernel does not support the CPU real-time scheduler for groups", { exit: 125 });
  const above = ancestors(dirname(own), top);
  mkdirSync(dirname(own), { recursive: true });
  const raises: (() => void)[] = [];
  let [below, share] = [own, runtime / period];
  for (const directory of above) {
    share += shareOfOthers(directory, below);
    const wanted = Math.ceil(share * read(directory, periodFile));
    if (wanted > read(directory, runtimeFile)) raises.unshift(() => writeFileSync(join(directory, runtimeFile), String(wanted)));
    share = Math.max(share, shareOf(directory));
    below = directory;
  }
  try {
    for (const raise of raises) raise(); // from the outermost: none can have more than the one above it
  } catch (cause) {
    throw new EngineError(
      "invalid",
      `cannot give ${runtime} of every ${period} microseconds in real time: the machine has not as much to spare`,
      {
        cause,
        exit: 125,
        hint: `the machine's own: ${read(top, runtimeFile)} of every ${read(top, periodFile)}`,
      },
    );
  }
}

const runtimeFile = "cpu.rt_runtime_us";
const periodFile = "cpu.rt_period_us";

/** From the innermost to the last one below the mount point. */
function ancestors(directory: string, top: string): string[] {
  return directory === top || directory === "/" ? [] : [directory, ...ancestors(dirname(directory), top)];
}

function shareOfOthers(directory: string, but: string): number {
  const groups = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return groups
    .map(({ name }) => join(directory, name))
    .filter((path) => path !== but)
    .reduce((sum, path) => sum + shareOf(path), 0);
}

const shareOf = (directory: string) => read(directory, runtimeFile) / read(directory, periodFile);

/** A group that is gone in between has nothing. */
function read(directory: string, file: string): number {
  try {
    return Number(readFileSync(join(directory, file), "latin1"));
  } catch {
    return file === periodFile ? usualPeriod : 0;
  }
}
