/** Builds by BuildKit's session, as docker's own clients make them: the old command line, the new one with buildx, and compose. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerClients } from "../support/docker-clients.ts";
import { Driver } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { processesNaming } from "../support/leaks.ts";
import { startRegistry } from "../support/registry.ts";
import { dockerClient } from "../support/rootfs.ts";
import { Served } from "./served.ts";

const served = new Served();
const { directory } = served;
const context = served.context.bind(served);
const clients = dockerClients();
const newer = join(clients, "docker");
const env = { DOCKER_BUILDKIT: "1", BUILDX_BAKE_ENTITLEMENTS_FS: "0", BUILDX_NO_DEFAULT_ATTESTATIONS: "1" };

beforeAll(async () => {
  await served.open();
  symlinkSync(join(clients, "cli-plugins"), join(directory, "cli-plugins"));
});
afterAll(() => served[Symbol.asyncDispose]());

const stepsLeft = () => readdirSync(join(served.berth.root, "build", "steps"));

describe.each([
  ["the old command line", dockerClient()],
  ["the new one, with buildx", newer],
])("%s", (name, program) => {
  const run = (args: string[], input = "") => served.run(args, { program, env, input });
  const ok = (args: string[], input = "") => served.ok(args, { program, env, input });
  const key = name.replace(/\W/g, "");

  test("context, .dockerignore, arguments, labels, secret, steps and their output, the image under its names", async () => {
    const path = context(key, {
      Dockerfile:
        'FROM busybox AS base\nARG V=1\nCOPY . /all/\nRUN echo "building $V"; ls /all; cat /all/größe; echo "to stderr" >&2\nFROM base\nRUN --mount=type=secret,id=s cp /run/secrets/s /kept\nCMD ["cat", "/all/sub/word"]\n',
      ...{
        ".dockerignore": "skipped\n**/*.tmp\n!keep.tmp\n",
        skipped: "",
        "a.tmp": "",
        "keep.tmp": "",
        "sub/word": "word\n",
        größe: "of a name\n",
      },
    });
    writeFileSync(join(directory, "secret"), "hush");
    const flags = ["--build-arg", `V=${key}`, "--label", "a=b", "--secret", `id=s,src=${join(directory, "secret")}`];
    const { status, stderr } = await run(["build", "--progress", "plain", "-t", `${key}:1`, "-t", `${key}:2`, ...flags, path]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    for (const part of [`building ${key}`, "of a name", "keep.tmp", "to stderr", "[base 2/3] COPY . /all/", "exporting to image", "DONE"])
      expect(stderr).toContain(part);
    for (const part of ["skipped", "a.tmp"]) expect(stderr).not.toContain(part);
    expect(await ok(["run", "--rm", `${key}:1`])).toBe("word\n");
    expect(await ok(["run", "--rm", `${key}:2`, "cat", "/kept"])).toBe("hush");
    expect(await ok(["inspect", "-f", "{{.Config.Labels.a}}", `${key}:1`])).toBe("b\n");
    expect((await run(["build", "--progress", "plain", ...flags, path])).stderr).toContain("CACHED");
    expect(await ok(["build", "-q", ...flags, path])).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    await ok(["rmi", `${key}:1`, `${key}:2`]);
  });

  test("of a context only what its steps take is sent, with what links lead to", async () => {
    const path = context(`${key}-part`, {
      Dockerfile: `FROM busybox\nARG V=late\nCOPY to-word a*.txt /into/\nCOPY links/sub /sub\nCOPY $V /\nRUN --mount=source=d/e,target=/m cat /m/x /into/* /sub/* /late; echo ${key}\n`,
      ...{ "d/e/x": "x\n", "a1.txt": "a1\n", "a2.txt": "a2\n", "real/sub/deep": "deep\n", word: "word\n", late: "late\n", b: "" },
    });
    writeFileSync(join(path, "large"), Buffer.alloc(8 << 20));
    symlinkSync("word", join(path, "to-word"));
    symlinkSync("real", join(path, "links"));
    const { status, stderr } = await run(["build", "--progress", "plain", path]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const printed = [...stderr.matchAll(/^#\d+ [\d.]+ (\w+)$/gm)].map(([, line]) => line);
    expect(printed).toEqual(["x", "a1", "a2", "word", "deep", "late", key]);
    expect(stderr).toMatch(/transferring context: [\d.]+k?B /);
    expect((await run(["build", path], "")).status).toBe(0);
    const missing = await run(["build", "--progress", "plain", "-f", "-", path], "FROM busybox\nCOPY none /\n");
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('"/none": not found')]);
  });

  test("Dockerfiles and archives on standard input", async () => {
    expect(await ok(["build", "-q", "-"], "FROM busybox\nRUN true\n")).toMatch(/^sha256:/);
    const path = context(`${key}-in`, { Dockerfile: "FROM busybox\nCOPY word /\n", word: "word" });
    const archive = execFileSync("tar", ["-C", path, "-c", "."]).toString(); // all of it is ASCII
    expect(await ok(["build", "-q", "-"], archive)).toMatch(/^sha256:/);
    expect(await ok(["build", "-q", "-f", "-", path], "FROM busybox\nCOPY word /there\n")).toMatch(/^sha256:/);
  });

  test("files, and archives, as the result", async () => {
    const path = context(`${key}-out`, {
      Dockerfile: "FROM busybox AS b\nRUN mkdir /o && echo one > /o/one && ln -s one /o/two\nFROM scratch\nCOPY --from=b /o /\n",
    });
    await ok(["build", "-o", join(path, "files"), path]);
    expect(readdirSync(join(path, "files")).sort()).toEqual(["one", "two"]);
    expect(readFileSync(join(path, "files", "two"), "utf8")).toBe("one\n");
    await ok(["build", "-o", `type=tar,dest=${join(path, "out.tar")}`, path]);
    expect(execFileSync("tar", ["-tf", join(path, "out.tar")]).toString()).toBe("one\ntwo\n");
  });

  test("what fails says why, and where; who is gone leaves nothing", async () => {
    const path = context(`${key}-bad`, {
      Dockerfile: "FROM busybox\nRUN echo hello; exit 7\n",
      Other: "FROM busybox\nRUNN x\n",
      Slow: "FROM busybox\nRUN echo begun; sleep 4711\n",
    });
    const failed = await run(["build", "--progress", "plain", path]);
    expect([failed.status, failed.stderr]).toEqual([
      1,
      expect.stringContaining('failed to solve: process "/bin/sh -c echo hello; exit 7" did not complete successfully: exit code: 7'),
    ]);
    expect(failed.stderr).toContain("hello");
    expect((await run(["build", "-f", join(path, "Other"), path])).stderr).toContain(
      "dockerfile parse error on line 2: unknown instruction",
    );
    const before = stepsLeft();
    for (const end of [(building: Driver) => building.type("\x03"), (building: Driver) => building.kill("SIGKILL")]) {
      await using building = new Driver(["build", "--progress", "plain", "-f", join(path, "Slow"), path], {
        program,
        env: { ...served.env, ...env },
      });
      await building.screen.waitFor(/\d begun/);
      end(building);
      await building.exited;
      await eventually(() => expect(processesNaming("sleep 4711")).toEqual([]));
      await eventually(() => expect(stepsLeft()).toEqual(before));
    }
  });
});

test("on a terminal buildx shows the steps, and an excerpt where it fails", async () => {
  const path = context("tty", { Dockerfile: "FROM busybox\nRUN exit 3\n" });
  await using building = new Driver(["build", path], { program: newer, env: { ...served.env, ...env }, columns: 100, rows: 40 });
  expect(await building.exited).toBe(1);
  await building.screen.waitFor(/=> ERROR \[2\/2\] RUN exit 3/);
  await building.screen.waitFor(/2 \| >>> RUN exit 3/);
});

test("buildx: further contexts, warnings, archives of images, metadata, what there is, the cache", async () => {
  const ok = (args: string[]) => served.ok(args, { program: newer, env });
  const more = context("more", { "x/file": "from elsewhere\n", ".dockerignore": "not\n", not: "" });
  const path = context("all", {
    Dockerfile: "from busybox AS b\nCOPY --from=more / /m\nRUN ls /m && cat /m/x/file && ! ls /m/not\nCMD echo x\n",
  });
  const metadata = join(directory, "metadata");
  const { stderr } = await served.run(
    ["build", "--progress", "plain", "--build-context", `more=${more}`, "--metadata-file", metadata, "-t", "all:1", path],
    { program: newer, env },
  );
  expect(stderr).toContain("from elsewhere");
  expect(stderr).toMatch(/JSONArgsRecommended/);
  const facts = JSON.parse(readFileSync(metadata, "utf8"));
  expect([facts["image.name"], facts["containerimage.digest"]]).toEqual([
    "all:1",
    (await ok(["inspect", "-f", "{{.Id}}", "all:1"])).trim(),
  ]);
  for (const type of ["docker", "oci"]) {
    await ok(["build", "--build-context", `more=${more}`, "-t", "all:2", "-o", `type=${type},dest=${join(directory, type)}.tar`, path]);
    expect(execFileSync("tar", ["-tf", `${join(directory, type)}.tar`]).toString()).toContain("index.json");
  }
  expect(await ok(["images", "-q", "all:2"])).toBe("");
  expect(await ok(["buildx", "inspect"])).toContain("running");
  expect(await ok(["buildx", "du"])).toMatch(/Total:/);
  expect(await ok(["buildx", "prune", "-af"])).toMatch(/Total:/);
  const attested = ["build", "--platform", "linux/amd64,linux/arm64", "--sbom=true", "--provenance=mode=max", "-t", "all:3", "-"];
  await served.ok(attested, { program: newer, env, input: "FROM scratch\nLABEL a=b\n" });
  const found = (await served.berth.ok(["image", "attestations", "--format", "{{.Platform}} {{.PredicateType}}", "all:3"]))
    .trim()
    .split("\n");
  expect(found.sort()).toEqual([
    ...["linux/amd64 https://slsa.dev/provenance/v1", "linux/amd64 https://spdx.dev/Document"],
    ...["linux/arm64 https://slsa.dev/provenance/v1", "linux/arm64 https://spdx.dev/Document"],
  ]);
  await ok(["rmi", "all:3"]);
  await ok(["rmi", "all:1"]);
});

test("base images come with the client's credentials, and results go with them", async () => {
  await using registry = await startRegistry({ password: true });
  const ok = (args: string[], input = "") => served.ok(args, { program: newer, env, input });
  await ok(["login", "-u", "user", "--password-stdin", registry.host], "secret");
  const base = `${registry.host}/team/base:1`;
  await ok(["build", "-q", "-t", base, "--push", "-"], "FROM busybox\nRUN echo base > /base\n");
  await ok(["rmi", base]);
  const path = context("private", { Dockerfile: `FROM ${base}\nRUN cat /base\n` });
  expect((await served.run(["build", "--progress", "plain", path], { program: newer, env })).stderr).toMatch(/\d base\n/);
  await ok(["logout", registry.host]);
  await ok(["rmi", base]);
  expect((await served.run(["build", "--no-cache", path], { program: newer, env })).status).toBe(1);
});

test("bake and compose build several at once", async () => {
  const ok = (args: string[]) => served.ok(args, { program: newer, env });
  const path = context("project", {
    ...{ "web/Dockerfile": "FROM busybox\nARG A\nCOPY word /\nRUN echo $A >> /word\n", "web/word": "word\n" },
    "compose.yaml": JSON.stringify({
      services: {
        web: { build: { context: "web", args: { A: "arg" } }, command: ["cat", "/word"] },
        other: { build: { context: "web", dockerfile_inline: "FROM busybox\nCOPY word /other\n" }, command: ["cat", "/other"] },
      },
    }),
  });
  const compose = (...words: string[]) => ok(["compose", "--project-directory", path, "-p", "proj", ...words]);
  await compose("build");
  const said = await compose("up", "--no-color"); // to the end of both
  for (const line of [/web-1 +\| word$/m, /web-1 +\| arg$/m, /other-1 +\| word$/m]) expect(said).toMatch(line);
  await compose("down", "-t", "0", "--rmi", "local");
  const targets = Object.fromEntries(["a", "b"].map((name) => [name, { context: join(path, "web"), tags: [`baked:${name}`] }]));
  writeFileSync(join(path, "bake.json"), JSON.stringify({ group: { default: { targets: ["a", "b"] } }, target: targets }));
  await ok(["buildx", "bake", "-f", join(path, "bake.json")]);
  expect((await ok(["images", "--format", "{{.Tag}}", "baked"])).split("\n").sort()).toEqual(["", "a", "b"]);
  await ok(["rmi", "baked:a", "baked:b"]);
});
