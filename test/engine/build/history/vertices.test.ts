import { expect, test } from "vitest";
import type { RecordLine } from "../../../../engine/build/history/file.ts";
import { recordOf, StepCount } from "../../../../engine/build/history/vertices.ts";
import type { BuildSummary } from "../../../../engine/index.ts";

const running: BuildSummary = {
  ID: "a",
  Name: "app",
  Status: "running",
  CreatedAt: "2026-01-01T00:00:00.000Z",
  Steps: { total: 0, cached: 0 },
};
const step = (id: string, name: string, status: "started" | "cached" | "done" | "failed", time = 0): RecordLine => ({
  ...{ type: "step", id, name, status, time },
  ...(status === "failed" && { error: "why" }),
});
const planned: RecordLine = {
  type: "planned",
  stages: [
    { label: "deps", name: "deps", needs: [] },
    { label: "build", name: "build", base: "deps", needs: ["deps"] },
    { label: "stage-2", name: "2", needs: ["build"] },
  ],
};
const said: RecordLine[] = [
  { type: "asked", file: "Dockerfile", context: ".", tags: ["app"], args: { A: "b" }, secrets: ["s"], noCache: false },
  planned,
  step("1", "[internal] load build context", "started", 1000),
  step("1", "[internal] load build context", "done", 1500),
  step("2", "[deps 1/2] FROM busybox", "cached", 1500),
  step("3", "[deps 2/2] RUN make", "started", 1500),
  { type: "step-log", id: "3", stream: "stdout", time: 1600, text: 'first {"type":"step"}\nsecond\n' },
  step("3", "[deps 2/2] RUN make", "done", 2500),
  step("4", "[build 1/1] RUN true", "cached", 2500),
  step("5", "[stage-2  1/10] COPY --from=build /a /a", "started", 2600),
];
const lines = (of: readonly RecordLine[]) => of.map((line) => JSON.stringify(line));

test("steps have their stages, times and what they waited for", () => {
  const { Vertices, Stages, Args, Secrets, Tags } = recordOf(running, lines(said));
  expect(Vertices.map(({ ID, Stage, Status, Inputs }) => [ID, Stage, Status, Inputs])).toEqual([
    ["1", undefined, "done", []],
    ["2", "deps", "cached", []],
    ["3", "deps", "done", ["2"]],
    ["4", "build", "cached", ["3"]],
    ["5", "stage-2", "running", ["4"]],
  ]);
  expect(Vertices[2]).toMatchObject({
    StartedAt: "1970-01-01T00:00:01.500Z",
    CompletedAt: "1970-01-01T00:00:02.500Z",
    HasOutput: true,
    LastLine: "second",
  });
  expect({ Args, Secrets, Tags }).toEqual({ Args: { A: "b" }, Secrets: ["s"], Tags: ["app"] });
  expect(Stages[1]).toEqual({ Label: "build", Name: "build", Base: "deps", Needs: ["deps"] });
});

test("what ran when the build ended was interrupted", () => {
  const { Vertices } = recordOf({ ...running, Status: "interrupted" }, lines(said));
  expect(Vertices.at(-1)).toMatchObject({ ID: "5", Status: "interrupted" });
});

test("a failed step says why, and what it wrote last", () => {
  const failed = recordOf(
    { ...running, Status: "failed" },
    lines([planned, step("1", "[deps 1/1] RUN x", "started"), step("1", "[deps 1/1] RUN x", "failed", 9)]),
  );
  expect(failed.Vertices).toMatchObject([{ Status: "failed", Error: "why", HasOutput: false }]);
});

test("a Dockerfile with one stage has steps without its name", () => {
  const one: RecordLine = { type: "planned", stages: [{ label: "", name: "0", needs: [] }] };
  expect(
    recordOf(running, lines([one, step("1", "[1/2] FROM busybox", "cached"), step("2", "[ 2/12] RUN x", "cached")])).Vertices,
  ).toMatchObject([{ Stage: "" }, { Stage: "", Inputs: ["1"] }]);
});

test("steps are counted as a build goes on, those that prepare and deliver are not", () => {
  const count = new StepCount();
  for (const line of lines(said)) count.take(line);
  expect(count.steps).toEqual({ total: 4, cached: 2 });
});

test("of a build of which nothing was kept the row is left", () => {
  expect(recordOf(running, [])).toMatchObject({ Name: "app", Vertices: [], Stages: [], Args: {}, Tags: [] });
});
