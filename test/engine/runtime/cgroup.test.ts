/**
 * Control groups on the three layouts: the trees below test/testdata/cgroup hold the files of one container's group, hybrid
 * recorded from a machine (with figures in place of some zeros), v1 and v2 with the same in the formats of the kernel's
 * documentation.
 */

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { cgroupDirectories, cgroupDirectory, cgroupProcesses, cgroupVersion, removeCgroup } from "../../../engine/runtime/cgroup.ts";
import { readUsage } from "../../../engine/runtime/usage.ts";
import { readPseudoFile } from "../../../engine/sys/pseudo-file.ts";

const id = "0123456789abcdef".repeat(4);
const tree = (layout: string) => fileURLToPath(new URL(`../../testdata/cgroup/${layout}`, import.meta.url));

const used = { cpu: 23_137_000, memory: 8_994_816 - 4_096_000, blockRead: 16_384, blockWrite: 8_388_608 };

test.each([
  ["v1", "v1"],
  ["hybrid", "v1"],
  ["v2", "v2"],
])("%s is told by its files, and its controllers are %s's", (layout, version) => {
  expect(cgroupVersion(tree(layout))).toBe(version);
});

test.each([
  ["v1", ["blkio", "cpuacct", "freezer", "memory", "pids", "systemd"]],
  ["hybrid", ["blkio", "cpuacct", "freezer", "memory", "pids", "systemd", "unified"]],
  ["v2", [""]],
])("every directory of a group on %s", (layout, controllers) => {
  const at = tree(layout);
  const expected = controllers.map((controller) => join(at, controller, "berth", id));
  expect(cgroupDirectories(id, at).toSorted()).toEqual(expected);
  expect(cgroupDirectory(id, "memory", at)).toBe(layout === "v2" ? expected[0] : join(at, "memory/berth", id));
  expect(cgroupDirectories("f".repeat(64), at)).toEqual([]);
});

test.each(["v1", "hybrid", "v2"])("processes of a group and of groups below it on %s, each once", (layout) => {
  expect(cgroupProcesses(id, tree(layout)).toSorted()).toEqual([22134, 22145, 22146]);
  expect(cgroupProcesses("f".repeat(64), tree(layout))).toEqual([]);
});

test("usage on v1, without limits", () => {
  expect(readUsage(id, readPseudoFile, tree("v1"))).toEqual({ ...used, cpu: 23_137_133, pids: 2 });
});

test("usage on hybrid, with limits", () => {
  expect(readUsage(id, readPseudoFile, tree("hybrid"))).toEqual({
    ...used,
    cpu: 23_137_133,
    pids: 2,
    memoryLimit: 67_108_864,
    pidsLimit: 50,
  });
});

test("usage on v2, with limits", () => {
  expect(readUsage(id, readPseudoFile, tree("v2"))).toEqual({ ...used, pids: 3, memoryLimit: 67_108_864, pidsLimit: 50 });
});

test.each(["v1", "hybrid", "v2"])("a group that is gone has used nothing on %s", (layout) => {
  expect(readUsage("f".repeat(64), readPseudoFile, tree(layout))).toEqual({ cpu: 0, memory: 0, pids: 0, blockRead: 0, blockWrite: 0 });
});

test.each(["v1", "hybrid", "v2"])("a group is removed from every hierarchy of %s, with the groups below it", (layout) => {
  const at = mkdtempSync(join(tmpdir(), "berth-cgroup-"));
  onTestFinished(() => rmSync(at, { recursive: true, force: true }));
  if (layout === "v2") cpSync(join(tree(layout), "cgroup.controllers"), join(at, "cgroup.controllers"));
  // Plain directories here: unlike the kernel's, a copy's files would keep rmdir(2) from succeeding.
  const controllers = layout === "v2" ? [""] : ["memory", "pids", ...(layout === "hybrid" ? ["unified"] : [])];
  for (const controller of controllers) mkdirSync(join(at, controller, "berth", id, "inner"), { recursive: true });
  expect(removeCgroup(id, at)).toBe(true);
  expect(cgroupDirectories(id, at)).toEqual([]);
  for (const controller of controllers) expect(existsSync(join(at, controller, "berth"))).toBe(true);
  expect(removeCgroup(id, at)).toBe(true);
});

test("a group that something still holds is reported", () => {
  const at = mkdtempSync(join(tmpdir(), "berth-cgroup-"));
  onTestFinished(() => rmSync(at, { recursive: true, force: true }));
  cpSync(tree("hybrid"), at, { recursive: true });
  expect(removeCgroup(id, at)).toBe(false);
});
