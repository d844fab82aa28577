/** Freezing a container's processes (pause), on cgroup v1 and v2. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../errors.ts";
import { cgroupDirectory, cgroupVersion } from "./cgroup.ts";

/** Milliseconds for the kernel to do it. */
const patience = 10_000;
/** Milliseconds between looks at v1's file, which nothing can be told to watch. */
const interval = 2;
/** Looks until a v1 group that does not get frozen is thawed for a moment. */
const looks = 10;

/** Why no process can be frozen here: v1 has the freezer as a controller, which may not be there; v2 freezes any group. */
export function whyNoFreezer(mountpoint = "/sys/fs/cgroup"): string | undefined {
  if (cgroupVersion(mountpoint) === "v2" || existsSync(`${mountpoint}/freezer`)) return undefined;
  return "this kernel's control groups have no freezer";
}

/**
 * Freezes or thaws; returns when the kernel has done it. What cannot be frozen is left thawed.
 * @throws EngineError `unsupported`, `system`
 */
export async function setFrozen(group: string, frozen: boolean): Promise<void> {
  const why = whyNoFreezer();
  if (why)
    throw new EngineError("unsupported", `cannot ${frozen ? "freeze" : "thaw"} the processes of "${basename(group).slice(0, 12)}": ${why}`);
  try {
    if (cgroupVersion() === "v2") await freezeV2(cgroupDirectory(group, ""), frozen);
    else await freezeV1(`${cgroupDirectory(group, "freezer")}/freezer.state`, frozen);
  } catch (cause) {
    throw new EngineError(
      "system",
      `cannot ${frozen ? "freeze" : "thaw"} the processes of "${basename(group).slice(0, 12)}": ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function freezeV2(directory: string, frozen: boolean): Promise<void> {
  const value = frozen ? "1" : "0";
  writeFileSync(`${directory}/cgroup.freeze`, value);
  const reached = () => new RegExp(`^frozen ${value}$`, "m").test(readFileSync(`${directory}/cgroup.events`, "utf8"));
  for (const until = Date.now() + patience; !reached(); await delay(interval)) {
    if (Date.now() < until) continue;
    writeFileSync(`${directory}/cgroup.freeze`, "0");
    throw new Error(`the kernel did not finish in ${patience / 1000} s`);
  }
}

/**
 * v1 can stay FREEZING for ever when a process forks or sleeps in vfork(2) at the wrong moment (kernel documentation,
 * freezer-subsystem): thawing for a moment lets it get to a better place.
 */
async function freezeV1(file: string, frozen: boolean): Promise<void> {
  const value = frozen ? "FROZEN" : "THAWED";
  const until = Date.now() + patience;
  for (let look = 1; ; look++) {
    writeFileSync(file, value);
    if (readFileSync(file, "latin1").trim() === value) return;
    if (Date.now() > until) break;
    if (look % looks === 0) writeFileSync(file, "THAWED");
    await delay(interval);
  }
  writeFileSync(file, "THAWED");
  throw new Error(`the kernel did not finish in ${patience / 1000} s`);
}
