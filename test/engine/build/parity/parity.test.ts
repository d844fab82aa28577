/**
 * A folder builds to what docker builds of it: compared case by case, configuration, history and every file, with what
 * docker was recorded to build (record.ts), and with docker itself where it runs.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { isDockerRunning, lacksBuildKit } from "../../../support/expected-skips.ts";
import { footprint, nothing } from "../../../support/leaks.ts";
import { programOrSkip } from "../../../support/programs.ts";
import { berthOn } from "./berth.ts";
import { cases } from "./cases.ts";
import { docker } from "./docker.ts";
import { intended } from "./intended.ts";
import { filesOfBase, importBase, observe, removeBase } from "./observe.ts";
import { readRecording, surprises } from "./recording.ts";

const opened = openTestEngine();
const berth = berthOn(opened.engine);
const recording = readRecording();
let baseFiles: ReadonlyMap<string, string>;

beforeAll(async () => {
  await importBase(berth);
  baseFiles = await filesOfBase(berth);
});

afterAll(async () => {
  try {
    await eventually(() => expect(footprint(opened.root)).toEqual(nothing));
  } finally {
    await opened[Symbol.asyncDispose]();
  }
});

test("every case is recorded or says what it expects, and every recorded case still exists", () => {
  const names = cases.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const recorded = cases.filter(({ newer }) => newer === undefined).map(({ name }) => name);
  expect(Object.keys(recording.cases).toSorted()).toEqual(recorded.toSorted());
});

test("every intended difference is one of a case that exists", () => {
  for (const each of intended) expect(cases.some(({ name }) => each.cases.test(name))).toBe(true);
});

describe("as recorded from docker", () => {
  test.each(cases.map((each) => [each.name, each] as const))("%s", async (name, each) => {
    expect(surprises(each, recording.cases[name], await observe(berth, each, baseFiles))).toEqual([]);
  });
});

/** One of each kind: all of them take docker minutes. */
const live = [
  "copy a directory's contents",
  "copy through a symlink to a directory",
  "copy hard links from a stage",
  "dockerignore: everything but a file deep inside",
  "add a tar: gzip",
  "env quoting",
  "label with variables",
  "onbuild runs in the next build",
  "run that removes",
  "workdir of a user",
];

test("as docker at this moment", { timeout: 300_000 }, async (context) => {
  programOrSkip(context, "docker");
  if (!isDockerRunning()) context.skip("needs a running dockerd");
  if (lacksBuildKit()) context.skip("needs docker's plug-in buildx");
  await importBase(docker);
  try {
    const theirs = await filesOfBase(docker);
    for (const each of cases.filter(({ name }) => live.includes(name))) {
      const seen = await observe(berth, each, baseFiles);
      expect({
        [each.name]: surprises(each, await observe(docker, each, theirs), seen),
      }).toEqual({ [each.name]: [] });
    }
  } finally {
    await removeBase(docker);
  }
});
