/** What a machine cannot do is known beforehand, and is what the verbs then say. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostLimits } from "../../../engine/host/limits.ts";
import { whyNoFreezer } from "../../../engine/runtime/freezer.ts";

test("a machine that has everything can do everything", () => {
  expect(hostLimits({ freezer: undefined, hasProgram: () => true })).toEqual({});
});

test("what is missing names the verbs that need it, and nothing else", () => {
  const bare = hostLimits({ freezer: "no freezer", hasProgram: () => false });
  expect(bare).toEqual({
    "containers.pause": "no freezer",
    "containers.unpause": "no freezer",
    "containers.top": expect.stringContaining('"ps"'),
    "containers.start": expect.stringContaining('"conmon"'),
    "containers.restart": expect.stringContaining('"conmon"'),
  });
  const withoutPs = hostLimits({ freezer: undefined, hasProgram: (name) => name !== "ps" });
  expect(Object.keys(withoutPs)).toEqual(["containers.top"]);
});

test("control groups freeze with v2, and with v1 where the controller is there", () => {
  const groups = mkdtempSync(join(tmpdir(), "berth-groups-"));
  try {
    expect(whyNoFreezer(groups)).toContain("no freezer");
    mkdirSync(join(groups, "freezer"));
    expect(whyNoFreezer(groups)).toBeUndefined();
    rmSync(join(groups, "freezer"), { recursive: true });
    writeFileSync(join(groups, "cgroup.controllers"), "");
    expect(whyNoFreezer(groups)).toBeUndefined();
  } finally {
    rmSync(groups, { recursive: true });
  }
});
