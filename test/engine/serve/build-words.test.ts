/** The classic build over HTTP: what dockerd 28.5 said of the same contexts, by which scripts search. Over the local engine. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, serveOver } from "../../support/api-client.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";

let made: TestEngine;
let api: ApiClient;
const directory = mkdtempSync(join(tmpdir(), "berth-context-"));

beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
  api = await serveOver(made.engine);
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await api[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

async function build(dockerfile: string, query = "") {
  writeFileSync(join(directory, "Dockerfile"), dockerfile);
  const context = execFileSync("tar", ["-c", "-C", directory, "Dockerfile"]);
  const { status, text } = await api.call("POST", `/build?version=1&${query}`, context, { "content-type": "application/x-tar" });
  const lines = text.trim().split(/\r?\n/);
  return { status, lines: lines.map((line) => JSON.parse(line)) };
}

test("steps, the image's id, its names", async () => {
  const { status, lines } = await build("FROM busybox\nRUN echo said\n", "t=made:1");
  const id = lines.find(({ aux }) => aux)?.aux.ID;
  expect(status).toBe(200);
  expect(lines.map(({ stream }) => stream ?? "").join("")).toBe(
    `Step 1/2 : FROM busybox:latest\nStep 2/2 : RUN echo said\nsaid\nSuccessfully built ${id.slice(7, 19)}\nSuccessfully tagged made:1\n`,
  );
  expect(await build("FROM busybox\nRUN echo said\n", "q=1")).toEqual({ status: 200, lines: [{ stream: `${id}\n` }] });
});

test.each([
  [
    "FROM busybox\nCOPY nope /\n",
    "",
    200,
    "COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist",
  ],
  ["FROM busybox\nRUN exit 3\n", "", 200, "The command '/bin/sh -c exit 3' returned a non-zero code: 3"],
  ["ODD x\n", "", 400, "dockerfile parse error on line 1: unknown instruction: ODD"],
  ["", "", 400, "the Dockerfile (Dockerfile) cannot be empty"],
  ["FROM busybox\n", "dockerfile=nope", 500, "Cannot locate specified Dockerfile: nope"],
  ["FROM busybox\n", "target=x", 400, 'target stage "x" could not be found'],
  ["FROM busybox\n", "isolation=odd", 400, 'unsupported isolation: "odd"'],
])("%j with %s: %i", async (dockerfile, query, status, message) => {
  const found = await build(dockerfile, query);
  const last = found.lines.at(-1);
  expect([found.status, last?.errorDetail?.message ?? last?.message]).toEqual([status, message]);
});

test("a version that there is not is refused", async () => {
  expect(await api.post("/build?version=3")).toMatchObject({ status: 400, json: { message: 'invalid version "3"' } });
});

test("triggers stay with the container that is made with them, and go into its image once", async () => {
  const OnBuild = ["RUN one"];
  expect(await api.post("/containers/create?name=triggers", { Image: "busybox", OnBuild })).toMatchObject({ status: 201 });
  expect((await api.get("/containers/triggers/json")).json.Config.OnBuild).toEqual(OnBuild);
  for (const [body, expected] of [
    [undefined, OnBuild],
    [{ OnBuild: [...OnBuild, "RUN two"] }, ["RUN one", "RUN two"]],
  ]) {
    const { json } = await api.post("/commit?container=triggers", body);
    expect((await api.get(`/images/${json.Id}/json`)).json.Config.OnBuild).toEqual(expected);
  }
});
