/** Containers of `run` among a project's: what counts them, and what does not. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { ContainerCreate, ContainerStatus } from "../../../../engine/container/index.ts";
import type { Engine } from "../../../../engine/index.ts";
import { projectContainer, runVerb } from "../../../support/compose-verbs.ts";
import { fakeEngine, image } from "../../../support/fake-engine.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-compose-one-offs-"));
afterAll(() => rmSync(cwd, { recursive: true }));
const files = "name: demo\nservices: {web: {image: web, depends_on: [db]}, db: {image: db}, other: {image: other}}\n";
writeFileSync(join(cwd, "compose.yaml"), files);

/** A project whose containers are named after what they are: "web", "web-run". */
function made(...all: [name: string, State?: ContainerStatus][]) {
  const world = fakeEngine();
  for (const [name, State = "running"] of all) {
    const oneOff: Record<string, string> = name.endsWith("-run") ? { "container-number": "", oneoff: "True" } : { "container-number": "1" };
    world.containers.push(projectContainer(`demo-${name}`, { State }, { ...oneOff, service: name.replace("-run", "") }));
  }
  const left = () => world.containers.map(({ Names }) => Names[0]!.replace("/demo-", "")).sort();
  return { ...world, left, verb: (...line: string[]) => runVerb(world.engine, cwd, ...line) };
}

test("one is worked in where a service has no other, and never by a number", async () => {
  const { verb } = made(["web-run"]);
  expect((await verb("port", "web", "99")).message).toContain("container demo-web-run");
  expect((await verb("exec", "--index", "1", "web", "true")).message).toBe('service "web" is not running container #1');
  expect((await made(["db-run"], ["db"]).verb("port", "db", "99")).message).toContain("container demo-db:");
});

test.each<[string, string[], string[]]>([
  ["down leaves them", ["down"], ["db-run", "gone", "web-run"]],
  ["with the orphans they go", ["down", "--remove-orphans"], []],
  ["down of a service takes what depends on it, too", ["down", "db"], ["db-run", "gone", "other", "web-run"]],
  ["down of what nothing depends on takes that", ["down", "web"], ["db", "db-run", "gone", "other", "web-run"]],
])("%s", async (_, line, left) => {
  const world = made(["db"], ["db-run"], ["gone"], ["other"], ["web"], ["web-run", "exited"]);
  expect((await world.verb(...line)).message).toBeUndefined();
  expect(world.left()).toEqual(left);
});

test("a signal reaches them, too", async () => {
  const killed = async (...line: string[]) =>
    (await made(["web"], ["web-run"], ["db-run"]).verb(...line)).events
      .flatMap((event) => (event.type === "resource" && event.status === "Killed" ? [event.name] : []))
      .sort();
  expect(await killed("kill")).toEqual(["demo-db-run", "demo-web", "demo-web-run"]);
  expect(await killed("kill", "web")).toEqual(["demo-web", "demo-web-run"]);
});

test("one that is over is an orphan, one that runs is none", async () => {
  const world = made(["db-run"], ["web-run", "exited"]);
  const warned = async (...line: string[]) =>
    (await world.verb("--dry-run", ...line)).events.flatMap((event) => (event.type === "warning" ? [event.text] : [])).join();
  expect(await warned("up", "-d", "db")).toMatch(/^Found orphan containers \(\[demo-web-run\]\)/);
  writeFileSync(join(cwd, ".env"), "COMPOSE_IGNORE_ORPHANS=True\n");
  expect(await warned("up", "-d", "db")).toBe("");
});

test("a variable that is named alone is what it stands for in the project, and nothing where it stands for nothing", async () => {
  writeFileSync(join(cwd, ".env"), "OF_FILE=filed\n");
  const { engine, images } = fakeEngine();
  images.push({ ...image("other"), RepoTags: ["other:latest"] });
  const words = ["-e", "OF_FILE", "-e", "NOBODY", "-e", "OWN=1", "--labels", "a=b", "--volumes", "/src:/dst"];
  const { message, text } = await runVerb(engine, cwd, "run", "-d", ...words, "other");
  expect(message).toBeUndefined();
  const { Config, HostConfig } = await engine.containers.inspect(text.trim());
  expect(Config.Env?.filter((word) => /^(OF_FILE|NOBODY|OWN)/.test(word))).toEqual(["OF_FILE=filed", "OWN=1"]);
  expect(Config.Labels).toMatchObject({ a: "b" });
  expect(HostConfig.Binds).toEqual(["/src:/dst"]);
});

/** What containers are made of from now on. */
function created({ containers }: Engine): ContainerCreate[] {
  const specs: ContainerCreate[] = [];
  const { create } = containers;
  containers.create = (spec, signal) => {
    specs.push(spec);
    return create(spec, signal);
  };
  return specs;
}

test("volumes of the line stand in for the service's at the same paths, and come beside the others", async () => {
  writeFileSync(
    join(cwd, "mounts.yaml"),
    "name: demo\nservices: {other: {image: other, volumes: [data:/data, /src:/src:ro, {type: tmpfs, target: /tmp}]}}\nvolumes: {data: {}}\n",
  );
  const { engine, images } = fakeEngine();
  images.push({ ...image("other"), RepoTags: ["other:latest"] });
  const specs = created(engine);
  const volumes = ["/own:/data:ro", "/scratch", "/tmp"].flatMap((volume) => ["-v", volume]);
  expect((await runVerb(engine, cwd, "-f", "mounts.yaml", "run", "-d", ...volumes, "other")).message).toBeUndefined();
  expect(specs.map(({ HostConfig, Volumes }) => [HostConfig?.Binds, HostConfig?.Mounts, Volumes])).toEqual([
    [["/src:/src:ro", "/own:/data:ro"], [], { "/scratch": {}, "/tmp": {} }],
  ]);
});

test("one in the background has an input that stays open, in the foreground it ends with what this side has", async () => {
  const { engine, images, containers } = fakeEngine();
  images.push({ ...image("other"), RepoTags: ["other:latest"] });
  const specs = created(engine);
  await runVerb(engine, cwd, "run", "-d", "other");
  await runVerb(engine, cwd, "create", "other");
  expect(specs.map(({ OpenStdin, StdinOnce }) => ({ OpenStdin, StdinOnce }))).toEqual([
    { OpenStdin: true, StdinOnce: false },
    { OpenStdin: undefined, StdinOnce: undefined },
  ]);
  expect(containers.length).toBe(2);
});

test("a file of variables that is missing is missed by the services that are chosen, and by verbs that make something", async () => {
  const more = "  lost: {image: other, env_file: nowhere.env}\n";
  writeFileSync(join(cwd, "lost.yaml"), `name: demo\nservices:\n  other: {image: other}\n${more}`);
  const { engine, images } = fakeEngine();
  images.push({ ...image("other"), RepoTags: ["other:latest"] });
  const failing = async (...line: string[]) => (await runVerb(engine, cwd, "-f", "lost.yaml", ...line)).message;
  expect(await failing("create", "other")).toBeUndefined();
  expect(await failing("create")).toMatch(/nowhere\.env/);
  for (const verb of ["ps", "stop", "down"]) expect(await failing(verb)).toBeUndefined();
});
