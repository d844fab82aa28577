/** `depends_on` with `restart: true`: who follows starts again after a service was made anew, not after it was made at all. Real containers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { prepare, type Scene, startAll, type UpWishes } from "../../../../engine/compose/index.ts";
import { load } from "../../../support/compose-files.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";

let home: TestEngine;

beforeAll(async () => {
  home = openTestEngine();
  await importBusybox(home.engine);
});

afterAll(() => home[Symbol.asyncDispose]());

const wishes: UpWishes = {
  recreation: "diverged",
  dependenciesRecreation: "diverged",
  named: [],
  scale: {},
  renewVolumes: false,
  removeOrphans: false,
};

const service = "image: busybox, command: sleep 1000, stop_signal: SIGKILL, network_mode: none";

/** @returns what was told of the service that follows */
async function up(more = ""): Promise<string[]> {
  const web = `{ ${service}, depends_on: { db: { condition: service_started, restart: true } } }`;
  const project = await load({ "compose.yaml": `name: follow\nservices:\n  web: ${web}\n  db: { ${service}${more} }\n` });
  const told: string[] = [];
  const report: Scene["report"] = (event) => void (event.type === "resource" && event.name === "follow-web-1" && told.push(event.status));
  const scene: Scene = { engine: home.engine, project, report, signal: new AbortController().signal, dryRun: false, atOnce: 9 };
  await startAll(scene, await prepare(scene, wishes), ["web", "db"], { wait: false });
  return told;
}

test("made for the first time, made again after it was removed, made anew", async () => {
  await up();
  const [db] = await home.engine.containers.list({ filters: { name: ["follow-db-1"] } });
  await home.engine.containers.remove(db!.Id, { force: true });
  expect(await up()).toEqual(["Running"]);
  expect(await up(", labels: { a: b }")).toEqual(["Stopping", "Stopped", "Starting", "Started"]);
});
