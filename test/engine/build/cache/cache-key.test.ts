import { expect, test } from "vitest";
import { cacheKey, type StepKey } from "../../../../engine/build/cache/cache-key.ts";

const run: StepKey = {
  kind: "run",
  argv: ["sh", "-c", "true"],
  environment: { A: "1", B: "2" },
  user: "",
  directory: "/",
  network: "default",
  mounts: [],
  hosts: [],
};

test("the order of variables does not matter, anything else does", () => {
  const key = cacheKey("p", run);
  expect(cacheKey("p", { ...run, environment: { B: "2", A: "1" } })).toBe(key);
  const others = [
    cacheKey("q", run),
    cacheKey("p", run, 0),
    cacheKey("p", { ...run, argv: ["sh", "-c", "false"] }),
    cacheKey("p", { ...run, environment: { A: "1" } }),
    cacheKey("p", { ...run, user: "app" }),
    cacheKey("p", { ...run, directory: "/x" }),
    cacheKey("p", { ...run, network: "none" }),
    cacheKey("p", { ...run, mounts: ["m"] }),
    cacheKey("p", { kind: "workdir", path: "/", user: "" }),
  ];
  expect(new Set([key, ...others]).size).toBe(others.length + 1);
});
