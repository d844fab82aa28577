/** Bounds that depend on what the machine has. */
import { expect, test } from "vitest";
import { type Available, checkLimits } from "../../../../engine/container/plan/limit-rules.ts";

const machine = (cgroup: "v1" | "v2"): Available => ({ cgroup: () => cgroup, processors: 2, cpus: () => "0-1", memoryNodes: () => "0" });

test("CPU shares: v1 has bounds, v2 makes a weight of any number", () => {
  expect(() => checkLimits({ CpuShares: 1 }, machine("v1"))).toThrow("the minimum allowed cpu-shares is 2");
  expect(() => checkLimits({ CpuShares: 262_145 }, machine("v1"))).toThrow("the maximum allowed cpu-shares is 262144");
  for (const CpuShares of [0, 2, 262_144]) expect(() => checkLimits({ CpuShares }, machine("v1"))).not.toThrow();
  for (const CpuShares of [1, 262_145]) expect(() => checkLimits({ CpuShares }, machine("v2"))).not.toThrow();
});
