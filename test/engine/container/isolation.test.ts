/**
 * A container of berth's sees what one of docker's sees: compared from inside, case by case, with what docker's were
 * recorded to see (`node test/support/isolation.ts record`), and with docker itself where it runs.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unmountBelow } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";
import { isDockerRunning } from "../../support/expected-skips.ts";
import { berthAt, docker, importBusyboxInto, makeScratch, observe, readRecording, surprises } from "../../support/isolation.ts";
import { cases } from "../../support/isolation-cases.ts";
import { intended, testedRuntimes } from "../../support/isolation-intended.ts";
import { layout } from "../../support/isolation-probe.ts";
import { footprint, nothing } from "../../support/leaks.ts";

const root = mkdtempSync(join(tmpdir(), "berth-isolation-root-"));
const scratch = makeScratch();
const berth = berthAt(root);
const recording = readRecording();
const sameLayout = recording.layout === layout();

beforeAll(() => importBusyboxInto(berth));

afterAll(async () => {
  try {
    await eventually(() => expect(footprint(root)).toEqual(nothing));
  } finally {
    scratch[Symbol.dispose]();
    unmountBelow(root);
    rmSync(root, { recursive: true, force: true });
  }
});

test("every case is recorded, and every recorded case still exists", () => {
  expect(Object.keys(recording.cases).toSorted()).toEqual(cases.map(({ name }) => name).toSorted());
});

test("every intended difference says why", () => {
  for (const { reason } of intended) expect(reason.split(" ").length).toBeGreaterThan(5);
});

describe.each(testedRuntimes)("as recorded from docker, with %s", (runtime) => {
  const engine = berthAt(root, runtime);
  test.each(cases.map((each) => [each.name, each] as const))("%s", async (name, each) => {
    const seen = await observe(engine, each, scratch.dir);
    expect(surprises(name, recording.cases[name]!, seen, { runtime, sameLayout })).toEqual([]);
  });
});

/** Those that ask nothing of dockerd's own capabilities. */
const live = [
  "default",
  "cap-drop all",
  "user and group",
  "read-only",
  "no-new-privileges",
  "memory",
  "tmpfs options",
  "volume ro",
  "env-file",
];

test("as docker at this moment", async (context) => {
  if (!isDockerRunning()) context.skip("needs a running dockerd");
  importBusyboxInto(docker);
  try {
    for (const each of cases.filter(({ name }) => live.includes(name))) {
      const wanted = await observe(docker, each, scratch.dir);
      const seen = await observe(berth, each, scratch.dir);
      expect({ [each.name]: surprises(each.name, wanted, seen) }).toEqual({ [each.name]: [] });
    }
  } finally {
    execFileSync("docker", ["rmi", "busybox:isolation"], { stdio: "ignore" });
  }
});
