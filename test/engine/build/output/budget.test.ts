import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { budgetOf, firstExcess, formatSize } from "../../../../engine/build/output/budget.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { buildProject, collect, createProject, outputOf } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const megabytes = (count: number, file: string) => `RUN dd if=/dev/zero of=${file} bs=1M count=${count} 2>/dev/null`;

async function fail(lines: string[], options: { maxSize?: number } = {}) {
  using project = createProject({ Dockerfile: `${lines.join("\n")}\n` });
  const { events, end } = await collect(opened.engine, { context: project.directory, tags: ["budget"], ...options });
  const error = await end.then(
    () => undefined,
    (thrown: Error & { details?: Record<string, unknown>; location?: { line: number; column: number } }) => thrown,
  );
  return { error, output: outputOf(events) };
}

describe("over the budget", () => {
  test("the tag stays, and layers, instructions and files are named", async () => {
    using before = createProject({ Dockerfile: "FROM busybox\nLABEL old=1\n" });
    const { result } = await buildProject(opened.engine, before, { tags: ["budget"] });
    const { error, output } = await fail(["# berth:max-size=10MB", "FROM busybox", megabytes(12, "/big"), "RUN echo small > /small"]);
    expect(error).toMatchObject({ code: "build-step", exit: 1, location: { line: 1, column: 1 } });
    expect(error?.message).toContain('at most 10MB are allowed; "RUN dd if=/dev/zero of=/big bs=1M count=12 2>/dev/null" adds 12.58MB');
    expect(output).toMatch(/largest files:\n +12\.58MB {2}\/big {2}\(RUN dd if/);
    expect(error?.details?.["files"]).toMatchObject([{ path: "/big", size: 12 << 20 }, { path: "/bin/busybox" }, {}, {}, {}]);
    expect(resolveImage(opened.engine, "budget")?.id).toBe(result.ImageID);
  });

  test("files that a later layer hides lower the efficiency", async () => {
    const { error, output } = await fail(["# berth:min-efficiency=0.9", "FROM busybox", megabytes(8, "/big"), "RUN rm /big"]);
    expect(error?.message).toMatch(
      /^the image is over its budget: 8\.389MB of 10\.\d+MB are hidden by later layers \(efficiency 0\.19\), at least 0\.9/,
    );
    expect(output).toContain("/big  (RUN dd if=/dev/zero of=/big bs=1M count=8 2>/dev/null; gone in RUN rm /big)");
    expect(error?.details?.["wasted"]).toMatchObject([{ path: "/big", size: 8 << 20 }]);
  });

  test("replaced files and directories made anew count as hidden", async () => {
    const lines = [
      "FROM busybox",
      `RUN mkdir /d && ${megabytes(4, "/d/one").slice(4)}`,
      "RUN rm -r /d && mkdir /d",
      megabytes(4, "/two"),
      megabytes(4, "/two"),
    ];
    const { error } = await fail(["# berth:min-efficiency=0.99", ...lines]);
    expect(error?.details?.["wasted"]).toMatchObject([
      { path: "/d/one", size: 4 << 20 },
      { path: "/two", size: 4 << 20 },
    ]);
  });

  test("too many layers are counted", async () => {
    const { error } = await fail(["# berth:max-layers=2", "FROM busybox", "RUN echo 1 > /1", "RUN echo 2 > /2"]);
    expect(error?.message).toBe("the image is over its budget: it has 3 layers, at most 2 are allowed");
  });

  test("--max-size goes before the directive", async () => {
    const lines = ["# berth:max-size=1GB", "FROM busybox"];
    expect((await fail(lines, { maxSize: 1_000_000 })).error?.message).toContain("at most 1MB are allowed");
    expect((await fail(lines)).error).toBeUndefined();
  });
});

test("a budget that is kept costs nothing but a step", async () => {
  using project = createProject({
    Dockerfile: "# berth:max-size=100MB\n# berth:max-layers=5\n# berth:min-efficiency=0.5\nFROM busybox\nRUN echo x > /x\n",
  });
  const { result } = await buildProject(opened.engine, project, { tags: ["kept"] });
  expect(result.Tags).toEqual(["kept:latest"]);
});

test("limits are compared in the open", () => {
  const limit = (value: number) => ({ value, text: String(value) });
  expect(firstExcess({ maxSize: limit(10) }, [{ size: 10, instruction: "RUN a" }])).toBeUndefined();
  expect(firstExcess({ maxSize: limit(9) }, [{ size: 10, instruction: "RUN a" }])?.name).toBe("max-size");
  expect(budgetOf({ berth: { maxSize: limit(1) } as never }, { context: ".", maxSize: 5 }).maxSize?.value).toBe(5);
  expect([0, 999, 1000, 12_582_912, 5e12].map(formatSize)).toEqual(["0B", "999B", "1kB", "12.58MB", "5TB"]);
});
