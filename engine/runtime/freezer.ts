/** Freezing a container's processes (pause), on cgroup v1 and v2. */
import { readFileSync, writeFileSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { cgroupDirectory, cgroupVersion } from "./cgroup.ts";

/**
 * Freezes or thaws; returns when the kernel has done it.
 * @throws EngineError `system`
 */
export async function setFrozen(id: string, frozen: boolean): Promise<void> {
  const directory = cgroupDirectory(id, "freezer");
  const isV2 = cgroupVersion() === "v2";
  const file = isV2 ? `${directory}/cgroup.freeze` : `${directory}/freezer.state`;
  const value = isV2 ? (frozen ? "1" : "0") : frozen ? "FROZEN" : "THAWED";
  const reached = () =>
    isV2 ? new RegExp(`^frozen ${value}$`, "m").test(readFileSync(`${directory}/cgroup.events`, "utf8")) : readFileSync(file, "utf8").trim() === value;
  try {
    writeFileSync(file, value);
    const { setImmediate: tick } = await import("node:timers/promises");
    for (const until = Date.now() + 5000; !reached(); await tick()) {
      if (Date.now() > until) throw new Error("the kernel did not finish in 5 s");
      // v1 freezes what it finds; processes that were being forked need another word (kernel documentation, freezer-subsystem)
      if (!isV2) writeFileSync(file, value);
    }
  } catch (cause) {
    throw new EngineError("system", `cannot ${frozen ? "freeze" : "thaw"} the processes of "${id.slice(0, 12)}": ${(cause as Error).message}`, { cause });
  }
}
