/** Verbs on projects whose containers have ended, or are not there: said as docker compose 2.40 says it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { projectContainer, runVerb, type Told } from "../../../support/compose-verbs.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-compose-ended-"));
afterAll(() => rmSync(cwd, { recursive: true }));
writeFileSync(
  join(cwd, "compose.yaml"),
  `name: demo
services:
  web: { image: busybox, network_mode: none, depends_on: { db: { condition: service_healthy, restart: true } } }
  db: { image: busybox, network_mode: none }
`,
);

/** Of a project with these containers. */
async function told(containers: Record<string, "running" | "exited">, ...line: string[]): Promise<Told & { lines: string[] }> {
  const world = fakeEngine();
  for (const [name, State] of Object.entries(containers)) world.containers.push(projectContainer(`demo-${name}-1`, { State }));
  const answer = await runVerb(world.engine, cwd, ...line);
  const lines = answer.events.flatMap((event) => {
    if (event.type === "resource") return [`${event.name} ${event.status}`];
    return event.type === "row" ? [String(event.value)] : event.type === "warning" ? [event.text] : [];
  });
  return { ...answer, lines };
}

test("down says of each that it is stopped and removed, of one that had ended, too", async () => {
  const { lines } = await told({ web: "exited", db: "exited" }, "down");
  const of = (name: string) => ["Stopping", "Stopped", "Removing", "Removed"].map((status) => `demo-${name}-1 ${status}`);
  expect(lines).toEqual([...of("web"), ...of("db")]);
});

test("down of what is not there says so, unless there was something to look for", async () => {
  expect((await told({}, "down")).lines).toEqual(['No resource found to remove for project "demo".']);
  expect((await told({}, "down", "--rmi", "local")).lines).toEqual([]);
  expect((await told({}, "down", "web")).lines).toEqual([]);
});

test("rm --stop stops before it tells what it removes; rm alone stops nothing", async () => {
  expect((await told({ db: "running" }, "rm", "-sf")).lines).toEqual([
    "demo-db-1 Stopping",
    "demo-db-1 Stopped",
    "Going to remove demo-db-1",
    "demo-db-1 Removing",
    "demo-db-1 Removed",
  ]);
  expect((await told({ db: "exited" }, "rm", "-f")).lines).toEqual([
    "Going to remove demo-db-1",
    "demo-db-1 Removing",
    "demo-db-1 Removed",
  ]);
});

test("start makes nothing: where there is no container it says so, though nobody named a service", async () => {
  expect(await told({}, "start")).toMatchObject({ message: 'service "db" has no container to start', exit: 1 });
  expect(await told({}, "start", "web")).toMatchObject({ message: 'service "db" has no container to start', exit: 1 });
});

test("restart and start name what is waited for, and is not there", async () => {
  for (const verb of ["restart", "start"])
    expect(await told({ web: "exited" }, verb)).toMatchObject({ message: "web is missing dependency db", exit: 1 });
  expect(await told({ web: "running" }, "restart", "web")).toMatchObject({ lines: ["demo-web-1 Restarting", "demo-web-1 Started"] });
});

test("start says nothing of what runs", async () => {
  expect((await told({ db: "running" }, "start", "db")).lines).toEqual([]);
  expect((await told({ db: "exited" }, "start", "db")).lines).toEqual(["demo-db-1 Starting", "demo-db-1 Started"]);
});
