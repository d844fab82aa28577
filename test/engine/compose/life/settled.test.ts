/** A project with nothing to do for `up` is told by a look, of real containers; whatever is to be done, said or waited for is not. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { lookSettled, prepare, type Scene, startAll, turnOf, type UpWishes } from "../../../../engine/compose/index.ts";
import { type Files, load } from "../../../support/compose-files.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";

let home: TestEngine;

beforeAll(async () => {
  home = openTestEngine();
  await importBusybox(home.engine);
});

afterAll(() => home[Symbol.asyncDispose]());

const plain: UpWishes = {
  recreation: "diverged",
  dependenciesRecreation: "diverged",
  named: [],
  scale: {},
  renewVolumes: false,
  removeOrphans: false,
};

async function sceneOf(files: Files): Promise<Scene> {
  const project = await load(files);
  return { engine: home.engine, project, report: () => {}, signal: new AbortController().signal, dryRun: false, atOnce: 9 };
}

async function look(text: string, wishes: Partial<UpWishes> = {}): Promise<string[] | undefined> {
  const scene = await sceneOf({ "compose.yaml": text });
  const cast = await lookSettled(scene, { ...plain, ...wishes });
  return cast && Object.keys(scene.project.model.services).flatMap((name) => cast.of(name).map((seen) => seen.name));
}

const text = `
name: settled
services:
  web:
    image: busybox
    command: sleep 1000
    stop_signal: SIGKILL
    scale: 2
    depends_on: [db]
    volumes: [data:/data]
    networks: [back]
  db:
    image: busybox
    command: sleep 1000
    stop_signal: SIGKILL
networks: { back: {} }
volumes: { data: {} }
`;

test("only of a project that is all there, runs, and is nobody's turn", async () => {
  expect(await look(text)).toBeUndefined();
  const scene = await sceneOf({ "compose.yaml": text });
  {
    using _turn = await turnOf(scene);
    await startAll(scene, await prepare(scene, plain), ["db", "web"], { wait: false });
    expect(await look(text)).toBeUndefined(); // somebody may be changing it
  }
  expect(await look(text)).toEqual(["settled-db-1", "settled-web-1", "settled-web-2"]);
});

test.each<[string, string, Partial<UpWishes>?]>([
  ["a changed service", text.replace("sleep 1000", "sleep 1001")],
  ["fewer of a service", text.replace("scale: 2", "scale: 1")],
  ["more by --scale", text, { scale: { web: 3 } }],
  ["--scale of an unknown service", text, { scale: { strange: 1 } }],
  ["--force-recreate", text, { recreation: "force" }],
  ["a service that is not there", text.replace("  db:", "  more: { image: busybox }\n  db:")],
  ["an orphan", text.replace("    depends_on: [db]\n", "").replace(/ {2}db:\n( {4}.*\n)*/, "")],
  ["a changed network", text.replace("back: {}", "back: { labels: { a: b } }")],
  ["a changed volume", text.replace("data: {}", "data: { labels: { a: b } }")],
  ["an image that is built", text.replace("  db:\n", "  db:\n    build: .\n"), { build: "always" }],
  ["an image that is pulled", text, { pull: "always" }],
  ["a dependency that is to be healthy", text.replace("[db]", "{ db: { condition: service_healthy } }")],
  ["one that is to end", text.replace("[db]", "{ db: { condition: service_completed_successfully } }")],
  ["a provider", text.replace("  db:", "  other: { provider: { type: none } }\n  db:")],
])("not with %s", async (_, changed, wishes) => {
  expect(await look(changed, wishes)).toBeUndefined();
});

test("not with a container that has ended", async () => {
  const [db] = await home.engine.containers.list({ filters: { name: ["settled-db-1"] } });
  await home.engine.containers.stop(db!.Id);
  expect(await look(text)).toBeUndefined();
  await home.engine.containers.start(db!.Id);
  expect(await look(text)).toHaveLength(3);
});
