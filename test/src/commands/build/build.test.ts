/** `berth build` as a command: words in; images, files, a status and located errors out. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import type { LintDocument, ProgressEvent } from "../../../../engine/index.ts";
import type { Context } from "../../../../src/commands/command.ts";
import { type Executed, execute } from "../../../../src/commands/execute.ts";
import { presentResult } from "../../../../src/present.ts";
import { reportError } from "../../../../src/report.ts";
import { createProject, outputOf, type Project } from "../../../engine/build/project.ts";
import { Driver } from "../../../support/driver.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
  await importBusybox(opened.engine, "python:3.9");
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

interface Ran {
  executed: Executed;
  events: ProgressEvent[];
  /** What a text face prints. */
  text: string;
}

async function run(project: Project, words: string[], options: { input?: string; env?: Record<string, string> } = {}): Promise<Ran> {
  const streams = { stdin: Readable.from([options.input ?? ""]), stdout: new PassThrough(), stderr: new PassThrough() };
  const io = { streams, confirm: async () => false, cwd: project.directory, env: options.env ?? {} };
  const context: Context = { engine: opened.engine, io, signal: new AbortController().signal };
  const events: ProgressEvent[] = [];
  const running = execute(context, ["build", ...words]);
  for (;;) {
    const { done, value } = await running.next();
    if (!done) events.push(value);
    else return { executed: value, events, text: await presentResult(value.spec, value.input, value.result, { json: false }) };
  }
}

/** What the shell would print for a build that fails. */
async function failure(project: Project, words: string[], input?: string): Promise<{ error: EngineError; text: string }> {
  const error = await run(project, words, { ...(input === undefined ? {} : { input }) }).then(
    () => undefined,
    (thrown: EngineError) => thrown,
  );
  if (!error) throw new Error("the build did not fail");
  return { error, text: reportError(error) };
}

const app = {
  Dockerfile:
    'FROM python:3.9\nWORKDIR /app\nCOPY requirements.txt /app/\nRUN echo installing && cat requirements.txt > installed\nCOPY . /app\nCMD [ "python", "app.py" ]\n',
  "requirements.txt": "flask\n",
  "app.py": "print()\n",
};

describe("a build", () => {
  test("names the image, writes its id and its metadata", async () => {
    using project = createProject(app);
    const { executed } = await run(project, [
      "-t",
      "one",
      "-t",
      "two:2",
      "--iidfile",
      "id",
      "--metadata-file",
      "meta.json",
      "--label",
      "a=b",
      ".",
    ]);
    const { ImageID, Tags } = executed.result as { ImageID: string; Tags: string[] };
    expect([executed.status, Tags]).toEqual([0, ["one:latest", "two:2"]]);
    expect(readFileSync(join(project.directory, "id"), "utf8")).toBe(ImageID);
    expect(JSON.parse(readFileSync(join(project.directory, "meta.json"), "utf8"))).toMatchObject({
      "containerimage.config.digest": ImageID,
      "image.name": "one:latest,two:2",
    });
    expect((await opened.engine.images.inspect("two:2")).Config.Labels).toEqual({ a: "b" });
    const again = await run(project, ["-q", "."]);
    expect(again.text).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect((again.executed.result as { Steps: { total: number; cached: number } }).Steps).toMatchObject({ total: 5, cached: 4 });
  });

  test("takes the Dockerfile from elsewhere, and from standard input", async () => {
    using project = createProject({ "docker/prod.Dockerfile": "FROM busybox\nCOPY file /\nRUN cat /file\n", "ctx/file": "elsewhere\n" });
    expect(outputOf((await run(project, ["-f", "docker/prod.Dockerfile", "ctx"])).events as never)).toBe("elsewhere\n");
    const piped = await run(project, ["-f", "-", "ctx"], { input: "FROM busybox\nCOPY file /\nRUN rev /file\n" });
    expect(outputOf(piped.events as never)).toBe("erehwesle\n");
  });

  test("gives arguments their values, from the environment where none is written", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\nARG A\nARG B\nARG C=default\nRUN echo $A $B $C\n" });
    const { events } = await run(project, ["--build-arg", "A=written", "--build-arg", "B", "--build-arg", "C", "."], {
      env: { B: "from-env" },
    });
    expect(outputOf(events as never)).toBe("written from-env default\n");
  });

  test("-o DIRECTORY writes files; nothing is tagged", async () => {
    using project = createProject({ Dockerfile: "FROM scratch\nCOPY file /sub/\n", file: "out" });
    const { executed } = await run(project, ["-o", "result", "."]);
    expect(readFileSync(join(project.directory, "result/sub/file"), "utf8")).toBe("out");
    expect(executed.result).not.toHaveProperty("ImageID");
  });

  test("--max-size fails with status 1 and names the step", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=6 2>/dev/null\n" });
    const { error, text } = await failure(project, ["--max-size", "5m", "."]);
    expect(error.exit).toBe(1);
    expect(text).toMatch(
      /^berth: the image is over its budget: .* "RUN dd if=\/dev\/zero of=\/big bs=1M count=6 2>\/dev\/null" adds 6\.291MB\n/,
    );
  });
});

test("what docker's old builder had, and buildx takes without effect, is no wrong usage", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\n" });
  const limits = ["-m", "1g", "--memory-swap=-1", "-c", "5", "--cpu-period=9", "--cpu-quota=9", "--cpuset-cpus", "0", "--cpuset-mems=0"];
  const { text } = await run(project, [
    "-q",
    ...limits,
    "--security-opt",
    "a=b",
    "--isolation",
    "default",
    "--compress",
    "--rm=false",
    "--force-rm",
    ".",
  ]);
  expect(text).toMatch(/^sha256:/);
});

test("--add-host is read as for run", async () => {
  using project = createProject({
    Dockerfile: "FROM busybox\nRUN grep -E 'one|two' /etc/hosts > /hosts\nFROM scratch\nCOPY --from=0 /hosts /\n",
  });
  await run(project, ["--add-host", "one=10.1.2.3", "--add-host", "two:[fd00::2]", "-o", "out", "."]);
  expect(readFileSync(join(project.directory, "out/hosts"), "utf8").trim().split(/\s+/)).toEqual(["10.1.2.3", "one", "fd00::2", "two"]);
  const { error } = await failure(project, ["--add-host", "one", "."]);
  expect(error).toMatchObject({ code: "usage", message: expect.stringContaining('"one" for "--add-host"') });
});

describe("a build that fails says where", () => {
  test("an instruction glued to its dot", async () => {
    using project = createProject({ ...app, Dockerfile: app.Dockerfile.replace("COPY . /app", "COPY. /app") });
    const { error, text } = await failure(project, ["-t", "typo", "."]);
    expect(error.exit).toBe(1);
    expect(text).toBe(
      [
        'Dockerfile:5:1: unknown instruction "COPY."',
        "3 | COPY requirements.txt /app/",
        "4 | RUN echo installing && cat requirements.txt > installed",
        "5 | COPY. /app",
        "  | ^",
        '6 | CMD [ "python", "app.py" ]',
        'did you mean "COPY . /app"?',
        "hint: see the Dockerfile reference for the instruction",
        "",
      ].join("\n"),
    );
  });

  test("a command with another status than 0", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\nRUN echo before; exit 7\n" });
    const { error, text } = await failure(project, ["."]);
    expect([error.exit, error.details]).toEqual([1, { exitCode: 7 }]);
    expect(text).toContain('Dockerfile:2:1: process "/bin/sh -c echo before; exit 7" did not complete successfully: exit code: 7\n');
  });

  test("a source that is not there, with the one that was meant", async () => {
    using project = createProject({ ...app, Dockerfile: "FROM busybox\nCOPY app.py requirement.txt /\n" });
    const { text } = await failure(project, ["."]);
    expect(text).toContain('Dockerfile:2:13: "/requirement.txt": not found\n');
    expect(text).toContain("  |             ^\n");
    expect(text).toContain('did you mean "requirements.txt"?\n');
  });

  test.each([
    [["--output", "type=nonsense", "."], 'invalid output "type=nonsense": there is no type "nonsense"'],
    [["--ulimit", "nofile", "."], 'invalid ulimit "nofile"'],
    [["--secret", "src=x", "."], 'invalid secret "src=x"'],
    [["--build-context", "alone", "."], 'invalid build context "alone"'],
    [["--build-arg", "=x", "."], 'invalid build argument "=x": the name is missing'],
    [["-f", "-", "-"], "cannot read both the build context and the Dockerfile from standard input"],
    [["--cache-to", "type=gha", "."], 'cannot use --cache-to of type "gha"'],
    [["--allow", "everything", "."], 'unknown entitlement "everything"'],
    [["nowhere"], 'cannot find build context "nowhere": no such directory'],
    [["-f", "Missing", "."], 'cannot read Dockerfile "Missing": no such file'],
  ])("%j", async (words, message) => {
    using project = createProject({ Dockerfile: "FROM busybox\n" });
    expect((await failure(project, words)).error.message).toBe(message);
  });

  test("a build that fails leaves no id of an earlier one", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\n" });
    expect((await run(project, ["--iidfile", "id", "."])).executed.status).toBe(0);
    project.write("Dockerfile", "FROM busybox\nRUN false\n");
    await failure(project, ["--iidfile", "id", "."]);
    expect(existsSync(join(project.directory, "id"))).toBe(false);
  });

  test("an id file that cannot be written", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\n" });
    mkdirSync(join(project.directory, "id"));
    expect((await failure(project, ["--iidfile", "id", "."])).error.message).toMatch(/^cannot write "id": EISDIR/);
  });
});

describe("--check and --call", () => {
  const faulty = { Dockerfile: "FROM busybox:1 as tool\nCMD echo hi\n" };

  test("say what was found, with status 1", async () => {
    using project = createProject(faulty);
    const { executed, text } = await run(project, ["--check", "."]);
    expect(executed.status).toBe(1);
    expect(text).toContain("Check complete, 2 warnings have been found!\n");
    expect(text).toContain(
      "WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/\nDockerfile:2:1: ",
    );
  });

  test("give docker's JSON", async () => {
    using project = createProject(faulty);
    for (const line of [
      ["--call", "check", "--format", "json"],
      ["--call", "lint,format=json,ignorestatus=true"],
    ]) {
      const { text, executed } = await run(project, [...line, "."]);
      const answer = JSON.parse(text) as LintDocument;
      expect(executed.status).toBe(line.length > 2 ? 1 : 0);
      expect(answer.warnings.map(({ ruleName }) => ruleName)).toEqual(["FromAsCasing", "JSONArgsRecommended"]);
      expect(answer.warnings[1]?.location).toEqual({ ranges: [{ start: { line: 2 }, end: { line: 2 } }] });
      expect(answer.sources).toEqual([{ filename: "Dockerfile", language: "Dockerfile", data: btoa(faulty.Dockerfile) }]);
    }
    expect((await failure(project, ["--call", "nothing", "."])).error.message).toContain('there is no method "nothing"');
    expect((await failure(project, ["--call", "check,x=y", "."])).error.message).toBe("invalid print field: x=y");
  });

  test("a clean file has status 0", async () => {
    using project = createProject({ Dockerfile: 'FROM scratch\nUSER 1\nCMD ["/x"]\n' });
    const { executed, text } = await run(project, ["--check", "."]);
    expect([executed.status, text]).toEqual([0, "Check complete, no warnings found.\n"]);
  });

  test("what a build would reject is an error, or a member of the JSON", async () => {
    using project = createProject({ Dockerfile: "FROM busybox:1 as x\nCOPIE a b\n" });
    expect((await failure(project, ["--check", "."])).text).toContain('did you mean "COPY a b"?');
    const { executed, text } = await run(project, ["--check", "--format", "json", "."]);
    expect([executed.status, JSON.parse(text)]).toMatchObject([1, { buildError: { message: 'unknown instruction "COPIE"' } }]);
  });

  test("outline and targets", async () => {
    using project = createProject({
      Dockerfile:
        "# VERSION the version to build\nARG VERSION=1.2\nFROM scratch AS base\n# app the program itself\nFROM base AS app\nARG VERSION\nRUN --mount=type=secret,id=token,required true\n",
    });
    expect((await run(project, ["--call=targets", "."])).text).toBe(
      "TARGET        DESCRIPTION\nbase          \napp (default) the program itself\n",
    );
    expect((await run(project, ["--call=outline", "."])).text).toBe(
      [
        "TARGET:      app\nDESCRIPTION: the program itself\n",
        "BUILD ARG   VALUE   DESCRIPTION\nVERSION     1.2     the version to build\n",
        "SECRET   REQUIRED\ntoken    true\n\n",
      ].join("\n"),
    );
  });

  test("a build warns of the same, once each", async () => {
    using project = createProject({ Dockerfile: "FROM busybox as x\nCMD echo hi\n" });
    const { events } = await run(project, ["."]);
    expect(events.flatMap((event) => (event.type === "warning" ? [event.rule] : []))).toEqual(["FromAsCasing", "JSONArgsRecommended"]);
  });

  test("# check=error=true makes a finding an error", async () => {
    using project = createProject({ Dockerfile: "# check=error=true\nFROM busybox as x\n" });
    expect((await failure(project, ["."])).text).toContain("lint violation found for rules: FromAsCasing");
  });
});

test("Ctrl-C at a terminal ends the build with status 130 and leaves nothing", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN echo $$ is up; sleep 1000\n" });
  await using terminal = new Driver(["--root", opened.root, "build", "."], { cwd: project.directory });
  await terminal.screen.waitFor("is up");
  terminal.type("\x03");
  expect(await terminal.exited).toBe(130);
  await eventually(() => expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(join(opened.root, "build")));
  expect(opened.engine.db.all("SELECT subject FROM leases WHERE kind = 'step'")).toEqual([]);
});
