/** What verbs print of a project's containers, images and volumes, as docker compose 2.40 does. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import { projectContainer, runVerb } from "../../../support/compose-verbs.ts";
import { fakeEngine, image } from "../../../support/fake-engine.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-compose-shown-"));
afterAll(() => rmSync(cwd, { recursive: true }));
writeFileSync(join(cwd, "compose.yaml"), "name: demo\nservices: {web: {image: web}, db: {image: db}}\nvolumes: {data: {}}\n");

/** A container of `run` has no number. */
const oneOff = { "container-number": "", oneoff: "True" };

function world() {
  const made = fakeEngine();
  const one = image("other:2");
  made.images.push({ ...one, RepoTags: ["other:2", "web:latest"] });
  made.containers.push(
    projectContainer("demo-web-1", { Image: "web", ImageID: one.Id }),
    projectContainer("demo-db-1", { State: "exited", Image: "other:2", ImageID: one.Id }),
    projectContainer("demo-web-run", { State: "exited" }, oneOff),
  );
  return made;
}
const shown = async (...line: string[]) => runVerb(world().engine, cwd, ...line);
const words = async (...line: string[]) =>
  (await shown(...line)).events.flatMap((event) => (event.type === "resource" ? [`${event.name} ${event.status}`] : []));

test("columns are as wide as docker compose's", async () => {
  expect((await shown("ls")).text).toMatch(/^NAME {16}STATUS {2,}CONFIG FILES\ndemo {16}exited\(2\), running\(1\) {3}N/);
  expect((await shown("images")).text).toMatch(/^CONTAINER {11}REPOSITORY {10}TAG {17}PLATFORM /);
  expect((await shown("top", "web")).text).toMatch(/^SERVICE {2}# {3}PID /);
});

test("an image has the name that its container was made from", async () => {
  const { text } = await shown("images", "--format", "json");
  expect(JSON.parse(text)).toMatchObject([
    { ContainerName: "demo-db-1", Repository: "other", Tag: "2" },
    { ContainerName: "demo-web-1", Repository: "web", Tag: "latest" },
  ]);
});

test("volumes have docker's fields", async () => {
  const { engine } = world();
  await engine.volumes.create({ Name: "demo_data", Labels: { "com.docker.compose.project": "demo", "com.docker.compose.volume": "data" } });
  const { text } = await runVerb(engine, cwd, "volumes", "--format", "json");
  expect(JSON.parse(text)).toMatchObject({ Driver: "local", Name: "demo_data", Scope: "local", Size: "N/A", Availability: "N/A" });
  const template = '{{.Name}} {{.Label "com.docker.compose.volume"}}';
  expect((await runVerb(engine, cwd, "volumes", "--format", template)).text).toBe("demo_data data\n");
  expect((await runVerb(engine, cwd, "volumes", "-q")).text).toBe("demo_data\n");
});

test("what will be removed is named without a question, too; containers of run stay", async () => {
  const made = world();
  const { text } = await runVerb(made.engine, cwd, "rm", "-f");
  expect(text).toBe("Going to remove demo-db-1\n");
  expect(made.containers.map(({ Names }) => Names[0])).toEqual(["/demo-web-1", "/demo-web-run"]);
});

test.each([
  ["local", ["demo-app:latest", "mine:1"]],
  ["all", ["demo-app:latest", "mine:1", "other:3"]],
])("down --rmi %s removes what was built here under any name", async (which, gone) => {
  const made = fakeEngine();
  writeFileSync(
    join(cwd, "built.yaml"),
    "name: demo\nservices: {app: {build: .}, named: {build: ., image: 'mine:1'}, other: {image: 'other:3'}}\n",
  );
  const of = (tag: string, service: string) => {
    const Labels: Record<string, string> = { "com.docker.compose.project": "demo", "com.docker.compose.service": service };
    return { ...image(tag), RepoTags: [tag], Labels };
  };
  made.images.push(
    of("demo-app:latest", "app"),
    of("mine:1", "named"),
    { ...image("other:3"), RepoTags: ["other:3"] },
    of("gone:1", "gone"),
  );
  const { events } = await runVerb(made.engine, cwd, "-f", "built.yaml", "down", "--rmi", which);
  expect(events.flatMap((event) => (event.type === "resource" && event.status === "Removed" ? [event.name] : [])).sort()).toEqual(gone);
});

test("nothing to kill is said", async () => {
  expect((await shown("kill", "db")).events).toEqual([{ type: "message", text: "no container to kill" }]);
  expect(await words("kill", "web")).toEqual(["demo-web-1 Killing", "demo-web-1 Killed"]);
});

test("a pause is one word", async () => {
  expect(await words("pause")).toEqual(["demo-web-1 Paused"]);
});

test("a port that is not there names those that are", async () => {
  expect((await shown("port", "web", "99")).message).toMatch(/^no port 99\/tcp for container demo-web-1: it has /);
});

test.each([
  ["a scale of what is not there", ["up", "-d", "--scale", "wbe=2"], "no such service: wbe"],
  ["a filter that there is not", ["ps", "--filter", "health=bad"], 'unknown filter "health"'],
  ["a container that a service has not", ["logs", "--index", "9", "web"], 'service "web" is not running container #9'],
  ["a terminal without one", ["run", "--tty", "web"], "the input device is not a TTY"],
  ["a terminal without one, in other words", ["exec", "--no-tty=false", "web", "true"], "the input device is not a TTY"],
  ["a terminal and none", ["run", "-t", "-T", "web"], "--tty and --no-TTY are incompatible"],
  ["from one service to another", ["cp", "web:/a", "db:/b"], "copying between services is not supported"],
])("%s is refused", async (_, line, message) => {
  expect((await shown(...line)).message).toBe(message);
});

test("a failure of the engine ends with 1, as everything in docker compose does", async () => {
  const made = world();
  made.engine.containers.start = async () => {
    throw new EngineError("port-in-use", "it is taken");
  };
  expect(await runVerb(made.engine, cwd, "start", "db")).toMatchObject({ message: "it is taken", exit: 1 });
});

test.each([
  ["command-not-found", 127],
  ["command-not-executable", 126],
] as const)("%s is the status of exec alone", async (code, exit) => {
  const made = world();
  const fails = () => {
    throw new EngineError(code, "it cannot run");
  };
  Object.assign(made.engine.containers, { start: async () => fails(), exec: fails });
  expect(await runVerb(made.engine, cwd, "start", "db")).toMatchObject({ message: "it cannot run", exit: 1 });
  expect(await runVerb(made.engine, cwd, "exec", "-T", "web", "true")).toMatchObject({ message: "it cannot run", exit });
});

test("of one that is stopped already its stop is said", async () => {
  expect(await words("stop", "db")).toEqual(["demo-db-1 Stopping", "demo-db-1 Stopped"]);
});

test("a project without services has its other resources made, where all of them are asked for", async () => {
  const { engine } = fakeEngine();
  writeFileSync(join(cwd, "resources.yaml"), "name: demo\nvolumes: {data: {}}\n");
  const up = async (...flags: string[]) => (await runVerb(engine, cwd, "-f", "resources.yaml", ...flags, "up", "-d")).message;
  expect(await up()).toBe("no service selected");
  expect(await up("--all-resources")).toBeUndefined();
  expect((await engine.volumes.list()).map(({ Name }) => Name)).toEqual(["demo_data"]);
});

test.each([
  [
    "nobody's is not taken",
    {},
    1,
    "was not created by compose",
    'incorrect label com.docker.compose.network set to "" (expected: "default")',
  ],
  ["one of another key is not taken", { project: "demo", network: "back" }, 1, undefined, 'set to "back" (expected: "default")'],
  [
    "another project's of the same key is, and it is said",
    { project: "other", network: "default" },
    undefined,
    'created for project "other"',
    "",
  ],
])("a network of the project's name that is there already: %s", async (_, labels, exit, warning, message) => {
  const { engine, images } = fakeEngine();
  images.push(image("web:latest"), image("db:latest"));
  const Labels = Object.fromEntries(Object.entries(labels).map(([name, value]) => [`com.docker.compose.${name}`, value]));
  await engine.networks.create({ Name: "demo_default", Labels });
  const told = await runVerb(engine, cwd, "create");
  expect([told.exit, told.message ?? ""]).toEqual([exit, expect.stringContaining(message)]);
  const warnings = told.events.flatMap((event) => (event.type === "warning" ? [event.text] : []));
  expect(warnings).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
});

test("commit prints nothing: what became of the container is told as progress", async () => {
  const { engine, cannot } = world();
  delete cannot["containers.commit"];
  const Id = `sha256:${"ab".repeat(32)}`;
  Object.assign(engine.containers, { commit: async () => ({ Id }) });
  const { text, events, message } = await runVerb(engine, cwd, "commit", "web", "kept");
  expect(message).toBeUndefined();
  expect(text).toBe("");
  expect(events).toMatchObject([
    { name: "demo-web-1", status: "Committing" },
    { name: "demo-web-1", status: `Committed as ${Id}` },
  ]);
});

test("top of nothing prints no headers", async () => {
  expect((await shown("top", "db")).text).toBe("");
});
