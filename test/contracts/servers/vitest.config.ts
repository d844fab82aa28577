import { defineConfig } from "vitest/config";
import usual from "../../vitest.config.ts";

export default defineConfig({
  test: { ...usual.test, include: ["test/contracts/servers/*.test.ts"], exclude: [], maxWorkers: 1, reporters: ["default"] },
});
