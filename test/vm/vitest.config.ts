import { defineConfig } from "vitest/config";

/** What runs in the virtual machine, whose processors are emulated: ten to thirty times slower than real ones. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    // Not isolation.test.ts: what it compares with was recorded on another kernel, with other devices and control groups.
    include: ["test/vm/*.test.ts", "test/contracts/runtime/*.test.ts", "test/engine/container/view/stats.test.ts"],
    reporters: ["verbose", new URL("../support/reporter.ts", import.meta.url).pathname],
    pool: "forks",
    // Two processors, and each test starts several processes: side by side they would only wait for one another.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    retry: 0,
    allowOnly: false,
    cache: false,
  },
});
