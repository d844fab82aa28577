import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    // Real containers, mounts and networks: a fork each, as setns and chroot change a whole process.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A retry would hide a flake; a test that does not run must say so.
    retry: 0,
    allowOnly: false,
  },
});
