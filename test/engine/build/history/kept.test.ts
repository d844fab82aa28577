/** What is kept of real builds, and how another process sees them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, ftruncateSync, openSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pruneRecords } from "../../../../engine/build/history/room.ts";
import { openHouse } from "../../../../engine/house.ts";
import type { BuildEvent } from "../../../../engine/index.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { buildProject, createProject } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const records = () => join(opened.root, "build", "records");
const builder = () => opened.engine.builder;

/** Bytes that a build's steps wrote, as they were kept. */
async function output(reference: string): Promise<Buffer> {
  const events: BuildEvent[] = await Array.fromAsync(builder().replay(reference));
  return Buffer.concat(events.flatMap((event) => (event.type === "step-log" ? [event.data] : [])));
}

test("output is kept byte for byte, facts as they were asked, secrets not at all", async () => {
  using project = createProject({
    Dockerfile: "FROM busybox AS one\nARG API_TOKEN\nRUN printf 'a\\377\\303\\274\\n'; echo $API_TOKEN\nFROM one\nRUN true\n",
  });
  await buildProject(opened.engine, project, { tags: ["kept"], buildArgs: { API_TOKEN: "hunter2hunter2", MODE: "fast" } });
  expect(await output("")).toEqual(Buffer.from("a\xff\xc3\xbc\n*****\n", "latin1"));
  const record = await builder().inspect("");
  expect(record).toMatchObject({
    Status: "completed",
    Tags: ["kept"],
    Args: { API_TOKEN: "*****", MODE: "fast" },
    Dockerfile: "Dockerfile",
  });
  expect(record.Vertices.filter(({ Stage }) => Stage !== undefined)).toMatchObject([
    { Stage: "one", Status: "cached" },
    { Stage: "one", Status: "done", HasOutput: true },
    { Stage: "stage-1", Status: "done" },
  ]);
  const file = join(records(), record.ID);
  expect(readFileSync(file, "latin1")).not.toContain("hunter2");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("references: the newest, counted back, the beginning of an id; forgotten ones are gone with their files", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN true\n" });
  await buildProject(opened.engine, project, { tags: ["older"] });
  await buildProject(opened.engine, project, { tags: ["newer"] });
  const [newer, older] = await builder().list();
  expect([newer!.Name, older!.Name]).toEqual(["newer", "older"]);
  expect((await builder().inspect("^1")).ID).toBe(older!.ID);
  expect((await builder().inspect(newer!.ID.slice(0, 12))).ID).toBe(newer!.ID);
  await expect(builder().inspect("nosuch")).rejects.toMatchObject({ code: "not-found" });
  expect(await builder().forget([newer!.ID])).toEqual([newer!.ID]);
  expect(existsSync(join(records(), newer!.ID))).toBe(false);
  expect((await builder().list())[0]).toEqual(older);
});

test("a build of another process is seen as it begins, followed as it goes on, and interrupted when that is killed", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN echo at work; sleep 1000\n" });
  const heard: string[] = [];
  const abort = new AbortController();
  const changes = (async () => {
    for await (const _ of builder().changes(abort.signal)) heard.push("change");
  })();
  const script = new URL("../build-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, opened.root, project.directory], { stdio: ["ignore", "ignore", "inherit"] });
  const newest = async () => (await builder().list())[0]!;
  await eventually(async () => expect(await newest()).toMatchObject({ Name: project.directory, Status: "running" }));
  const { ID } = await newest();
  let followed = "";
  for await (const event of builder().replay(ID, { follow: true })) {
    if (event.type === "step-log") followed += Buffer.from(event.data).toString();
    if (followed.includes("at work")) break;
  }
  expect((await builder().inspect(ID)).Vertices.at(-1)).toMatchObject({ Status: "running", LastLine: "at work" });
  await expect(builder().forget([ID])).rejects.toMatchObject({ code: "in-use" });
  await eventually(() => expect(heard).not.toEqual([]));
  child.kill("SIGKILL");
  await once(child, "close");
  expect(await newest()).toMatchObject({ Status: "interrupted", Steps: { total: 2, cached: 1 } });
  expect((await builder().inspect(ID)).Vertices.at(-1)).toMatchObject({ Status: "interrupted" });
  abort.abort();
  await changes;
});

test("a follower ends with the build", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN echo one; sleep 0.3; echo two\n" });
  const building = buildProject(opened.engine, project, { tags: ["followed"] });
  await eventually(async () => expect((await builder().list())[0]).toMatchObject({ Name: "followed" }));
  const events = await Array.fromAsync(builder().replay("", { follow: true }));
  await building;
  expect(events.filter(({ type }) => type === "step").at(-1)).toMatchObject({ name: "exporting to image", status: "done" });
});

test("all files together are bounded: the oldest go, and a build without one is still listed", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN true\n" });
  await buildProject(opened.engine, project, { tags: ["big"] });
  await buildProject(opened.engine, project, { tags: ["small"] });
  const [small, big] = await builder().list();
  const file = join(records(), big!.ID);
  const descriptor = openSync(file, "r+");
  ftruncateSync(descriptor, 65 << 20);
  closeSync(descriptor);
  utimesSync(file, 1, 1);
  pruneRecords(opened.engine);
  expect(readdirSync(records())).not.toContain(big!.ID);
  expect(readdirSync(records())).toContain(small!.ID);
  expect(await builder().inspect(big!.ID)).toMatchObject({ Status: "completed", Vertices: [] });
  expect(await output(big!.ID)).toEqual(Buffer.alloc(0));
});

test("a build whose file cannot be written is built all the same", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN echo x\n" });
  await using other = openTestEngine();
  await importBusybox(other.engine);
  closeSync(openSync(join(other.root, "build", "records"), "w")); // a file where the directory would be
  await buildProject(other.engine, project, { tags: ["unkept"] });
  await using reader = openHouse({ root: other.root });
  expect((await reader.builder.list())[0]).toMatchObject({ Status: "completed", Name: "unkept" });
});
