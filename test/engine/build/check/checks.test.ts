/** The checks of a build: what the caller says about them, and what the build context changes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { type Built, buildProject, collect, createProject } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const rules = ({ events }: Pick<Built, "events">) =>
  events.flatMap((event) => (event.type === "warning" && event.rule ? [event.rule] : []));

describe("BUILDKIT_DOCKERFILE_CHECK", () => {
  const faulty = "FROM busybox AS Tool\nMAINTAINER me\n";
  const check = (value: string) => ({ buildArgs: { BUILDKIT_DOCKERFILE_CHECK: value } });

  test("says more than the file's directive", async () => {
    using project = createProject({ Dockerfile: `# check=skip=all\n${faulty}` });
    expect(rules(await buildProject(opened.engine, project))).toEqual([]);
    expect(rules(await buildProject(opened.engine, project, check("skip=StageNameCasing")))).toEqual(["MaintainerDeprecated"]);
    const { end } = await collect(opened.engine, { context: project.directory, ...check("error=true") });
    await expect(end).rejects.toMatchObject({ message: "lint violation found for rules: StageNameCasing, MaintainerDeprecated" });
  });

  test("and less, also for --check", async () => {
    using project = createProject({ Dockerfile: `# check=error=true\n${faulty}` });
    expect(rules(await buildProject(opened.engine, project, check("skip=all")))).toEqual([]);
    const { findings, error } = await opened.engine.builder.check({ context: project.directory, ...check("skip=all") });
    expect([findings, error]).toEqual([[], undefined]);
  });
});

test("nothing is said of ignored files where an exception may bring some back", async () => {
  using project = createProject({
    Dockerfile: "FROM busybox\nCOPY src /src/\n",
    "src/kept": "",
    "src/other": "",
    ".dockerignore": "src\n",
  });
  const { findings } = await opened.engine.builder.check({ context: project.directory });
  expect(findings.map(({ rule }) => rule)).toContain("CopyIgnoredFile");
  project.write(".dockerignore", "src\n!src/kept\n");
  expect(rules(await buildProject(opened.engine, project))).toEqual([]);
  const later = await opened.engine.builder.check({ context: project.directory });
  expect(later.findings.map(({ rule }) => rule)).not.toContain("CopyIgnoredFile");
});

test("--check says what planning refuses", async () => {
  using project = createProject({ Dockerfile: "FROM busybox AS a\nCOPY --from=b /f /\nFROM busybox AS b\nFROM a\n" });
  const { error } = await opened.engine.builder.check({ context: project.directory });
  expect(error).toMatchObject({ message: expect.stringContaining('cannot copy from stage "b"'), location: { line: 2 } });
});

test("the context itself counts as ignored where all in it is", async () => {
  using project = createProject({ Dockerfile: "FROM scratch\nCOPY ././ /all\nADD ./src/ /\n", src: "", other: "" });
  const found = async (...patterns: string[]) => {
    project.write(".dockerignore", `${patterns.join("\n")}\n`);
    const { findings } = await opened.engine.builder.check({ context: project.directory });
    return findings.flatMap(({ rule, message }) => (rule === "CopyIgnoredFile" ? message.replace(/^.* file /, "") : []));
  };
  const said = (name: string) => `"${name}" that is excluded by .dockerignore`;
  expect(await found(".*")).toEqual([]);
  for (const all of ["*", "**", "**/*"]) expect(await found(all), all).toEqual([said("."), said("src")]);
  expect(await found("src")).toEqual([said("src")]);
});
