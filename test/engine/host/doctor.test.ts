/** The host room on this machine: the findings are true, and looking leaves nothing behind. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { release } from "node:os";
import { expect, test } from "vitest";
import { isFlawedRunc } from "../../../engine/host/checks/advisories.ts";
import { versionIn } from "../../../engine/host/checks/runtime.ts";
import { checks } from "../../../engine/host/doctor.ts";
import { findProgram } from "../../../engine/process/spawn.ts";
import { openTestEngine } from "../../support/engine.ts";
import { footprint, nothing } from "../../support/leaks.ts";

test("every check answers, in the table's order, and a remedy comes with whatever is not well", async () => {
  await using opened = openTestEngine();
  const findings = await opened.engine.system.doctor();
  expect(findings.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
  for (const finding of findings) {
    expect(finding.detail).not.toMatch(/^cannot check/);
    expect(Boolean(finding.remedy)).toBe(finding.status !== "ok");
  }
  // The test set-up installs all that berth needs.
  expect(findings.filter(({ status }) => status === "error")).toEqual([]);
  expect(readdirSync(`${opened.root}/tmp`)).toEqual([]);
  expect(footprint(opened.root)).toEqual(nothing);
});

test("a runtime that is not there is an error with the command that brings it", async () => {
  await using opened = openTestEngine({ runtime: "/nonexistent/runc" });
  const findings = await opened.engine.system.doctor();
  const finding = findings.find(({ name }) => name === "runtime");
  expect(finding).toMatchObject({ status: "error", detail: "unknown or invalid runtime name: /nonexistent/runc" });
  expect(finding?.remedy).toContain("runc");
});

test("a runc with known ways out is a warning where containers get it", async () => {
  const runc = findProgram("runc")!;
  const flawed = isFlawedRunc(versionIn(execFileSync(runc, ["--version"], { encoding: "utf8" }))!);
  await using opened = openTestEngine({ runtime: runc });
  const finding = (await opened.engine.system.doctor()).find(({ name }) => name === "advisories");
  expect(finding?.status).toBe(flawed ? "warning" : "ok");
});

test("version names what runs containers", async () => {
  await using opened = openTestEngine({ version: "1.2.3" });
  const version = await opened.engine.system.version();
  expect(version).toMatchObject({ Version: "1.2.3", ApiVersion: "1.47", Os: "linux", KernelVersion: release() });
  const conmon = version.Components.find(({ Name }) => Name === "conmon");
  expect(conmon?.Version).toMatch(findProgram("conmon") ? /^\d+\.\d+/ : /^not found$/);
  expect(version.Components.find(({ Name }) => /^(runc|crun)$/.test(Name))?.Version).toMatch(/^\d+\.\d+/);
});
