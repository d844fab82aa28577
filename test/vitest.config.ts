import { defineConfig } from "vitest/config";

const at = (path: string) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  test: {
    root: at(".."),
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    // Only in the virtual machine of `npm run test:vm`, and beside other people's servers by `npm run test:servers`.
    exclude: ["test/vm/**", "test/contracts/servers/**"],
    reporters: ["default", at("support/reporter.ts")],
    // Real containers, mounts and networks: a fork each, as setns and chroot change a whole process.
    pool: "forks",
    maxWorkers: 2,
    execArgv: ["--import", at("support/keep-code.mjs")],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A retry would hide a flake; a test that does not run must say so.
    retry: 0,
    allowOnly: false,
    // The cache of timings would be written into the source tree's node_modules by root.
    cache: false,
  },
});
