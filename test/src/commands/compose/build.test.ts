/** What `compose build` says without building. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execute } from "../../../../src/commands/execute.ts";
import { presentResult } from "../../../../src/present.ts";
import { finish, openTestEngine } from "../../../support/engine.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-compose-build-"));
const opened = openTestEngine();
beforeAll(() => {
  writeFileSync(join(cwd, "Dockerfile"), "from scratch\nCOPY a /\n");
  writeFileSync(join(cwd, "good"), "FROM scratch AS x\nCOPY a /\n");
  const web = "{ build: { context: ., args: { A: 1 }, tags: [t], platforms: [linux/arm64], secrets: [s] } }";
  const db = "{ image: db:1, build: { context: ., dockerfile: good, ssh: [default], target: x } }";
  writeFileSync(
    join(cwd, "compose.yaml"),
    `name: app\nservices: { web: ${web}, db: ${db}, other: { image: x } }\nsecrets: { s: { file: ./s } }\n`,
  );
});
afterAll(async () => {
  rmSync(cwd, { recursive: true });
  await opened[Symbol.asyncDispose]();
});

test("an agent that is not there is said before anything is built", async () => {
  await expect(run("--ssh", "")).rejects.toThrow("invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set");
});

async function run(...words: string[]) {
  const io = { streams: {}, confirm: async () => false, cwd, env: {} } as never;
  const context = { engine: opened.engine, io, signal: new AbortController().signal };
  const done = await finish(execute(context, ["compose", "build", ...words]));
  return { status: done.status, text: await presentResult(done.spec, done.input, done.result) };
}

test("--print is a file for bake", async () => {
  const { text } = await run("--print", "--ssh", "id=k=1", "--build-arg", "B=2");
  expect(JSON.parse(text)).toEqual({
    group: { default: { targets: ["db", "web"] } },
    target: {
      db: {
        context: cwd,
        dockerfile: join(cwd, "good"),
        args: { B: "2" },
        labels: expect.objectContaining({ "com.docker.compose.service": "db" }),
        tags: ["db:1"],
        target: "x",
        ssh: ["default", `id=${join(cwd, "k=1")}`],
        output: ["type=docker"],
      },
      web: {
        context: cwd,
        dockerfile: join(cwd, "Dockerfile"),
        args: { A: "1", B: "2" },
        labels: expect.objectContaining({ "com.docker.compose.service": "web" }),
        tags: ["app-web", "t"],
        secret: [`id=s,type=file,src=${join(cwd, "s")}`],
        ssh: [`id=${join(cwd, "k=1")}`],
        platforms: ["linux/arm64"],
        output: ["type=docker"],
      },
    },
  });
});

test("--check says what is wrong with each Dockerfile", async () => {
  expect(await run("--check", "db")).toEqual({ status: 0, text: "db: Check complete, no warnings found.\n" });
  const { status, text } = await run("--check");
  expect(status).toBe(1);
  expect(text).toMatch(
    /^db: Check complete, no warnings found\.\n\nweb: Check complete, 1 warning has been found!\n[\s\S]*ConsistentInstructionCasing/,
  );
});

test("another builder than the one there is, and a limit that no build has", async () => {
  await expect(run("--print", "--builder", "remote")).rejects.toMatchObject({ code: "unsupported", message: /builder "remote"/ });
  const { text } = await run("--print", "--builder", "default", "-m", "1g");
  expect(JSON.parse(text)).toHaveProperty("target.web");
});
