import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reconcile } from "../../../engine/reconcile.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { buildProject, createProject } from "./project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

test("kill -9 in the middle of a RUN: the next command cleans up, finished steps stay cached", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN echo kept > /kept\nRUN echo $$ at work; sleep 1000\n" });
  const script = new URL("build-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, opened.root, project.directory], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
  const { engine, root } = opened;
  const [step = ""] = readdirSync(join(root, "build", "steps"));
  expect(step).toMatch(/^[0-9a-f]{64}$/);
  expect(existsSync(`/sys/fs/cgroup/pids/berth/${step}`) || existsSync(`/sys/fs/cgroup/berth/${step}`)).toBe(true);

  await reconcile(engine);

  expect(readdirSync(join(root, "build", "steps"))).toEqual([]);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(root);
  expect(existsSync(`/sys/fs/cgroup/pids/berth/${step}`) || existsSync(`/sys/fs/cgroup/berth/${step}`)).toBe(false);
  expect(engine.db.all("SELECT * FROM leases")).toEqual([]);
  expect(engine.db.all("SELECT * FROM endpoints")).toEqual([]);
  expect((await engine.builder.list())[0]).toMatchObject({ Status: "interrupted" });
  project.write("Dockerfile", "FROM busybox\nRUN echo kept > /kept\n");
  expect((await buildProject(engine, project)).ran).toEqual([]);
});

test("kill -9 in the middle of a RUN: the next build cleans up by itself", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN echo $$ at work; sleep 1001\n" });
  const script = new URL("build-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, opened.root, project.directory], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
  project.write("Dockerfile", "FROM busybox\nRUN echo kept > /kept\n");
  await buildProject(opened.engine, project);
  expect(readdirSync(join(opened.root, "build", "steps"))).toEqual([]);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(opened.root);
});
