/** `--dry-run` of every verb: what would be done is said, and of the engine nothing is asked but what it has. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Engine } from "../../../../engine/index.ts";
import { commandNames, findCommand } from "../../../../src/commands/table.ts";
import { projectContainer, runVerb, type Told } from "../../../support/compose-verbs.ts";
import { fakeEngine, image } from "../../../support/fake-engine.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-compose-dry-"));
afterAll(() => rmSync(cwd, { recursive: true }));
writeFileSync(
  join(cwd, "compose.yaml"),
  `name: demo
services:
  db: {image: "busybox:latest", ports: ["80"], develop: {watch: [{path: ., action: sync, target: /x}]}}
  app: {build: ., image: "busybox:latest"}
`,
);

/** An engine whose questions are counted: those that only look, and the others. */
function watched(engine: Engine): { engine: Engine; asked: string[] } {
  const asked: string[] = [];
  const room = (name: string, object: object) =>
    new Proxy(object, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (!/^(list|inspect|top|logs|exclusive|isFree|troubles|info|resolve|events|stats|platforms)$/.test(String(key)))
            asked.push(`${name}.${String(key)}`);
          return value.apply(target, args);
        };
      },
    });
  const rooms = Object.entries(engine).map(([name, object]) => [name, typeof object === "object" ? room(name, object) : object]);
  return { engine: Object.fromEntries(rooms) as Engine, asked };
}

async function dry(...line: string[]): Promise<Told & { asked: string[] }> {
  const world = fakeEngine();
  world.containers.push(projectContainer("demo-db-1"), projectContainer("demo-db-2", { State: "exited" }));
  world.images.push(image("busybox:latest"));
  const { asked, engine } = watched(world.engine);
  return { asked, ...(await runVerb(engine, cwd, "--dry-run", ...line)) };
}

const words: Record<string, string[]> = {
  cp: ["compose.yaml", "db:/x"],
  commit: ["db", "kept"],
  events: ["--until", "0s"],
  exec: ["-d", "db", "true"],
  export: ["-o", "db.tar", "db"],
  port: ["db", "80"],
  publish: ["example.com/app"],
  run: ["-d", "db", "true"],
  scale: ["db=3"],
  stats: ["--no-stream"],
  up: ["-d", "--build", "--force-recreate"],
  down: ["-v", "--rmi", "all"],
  rm: ["-fsv"],
};
/** What cannot be without being done. */
const refused: Record<string, string> = {
  attach: "interactive run is not supported in dry-run mode",
  watch: "interactive watch is not supported in dry-run mode",
};
/** They only look, or wait for what happens. */
const lookers = ["config", "events", "images", "logs", "ls", "port", "ps", "stats", "top", "version", "volumes", "wait"];
const verbs = commandNames().flatMap((name) => (name.startsWith("compose ") ? [name.slice(8)] : []));

test.each(verbs.filter((verb) => !lookers.includes(verb)))("%s changes nothing", async (verb) => {
  const { args } = await findCommand(["compose", verb])!.entry.load();
  const needed = args.filter(({ optional }) => !optional).map(() => "db");
  const { asked, events, message } = await dry(verb, ...(words[verb] ?? needed));
  expect({ asked, message }).toEqual({ asked: [], message: refused[verb] });
  for (const event of events) if (event.type === "resource") expect(event).toMatchObject({ dryRun: true });
});

test.each([
  ["run", ["run", "-T", "db", "true"], "interactive run is not supported in dry-run mode"],
  ["exec", ["exec", "-T", "db", "true"], "interactive exec is not supported in dry-run mode"],
])("%s has nothing to show", async (_, line, message) => {
  expect(await dry(...line)).toMatchObject({ asked: [], message });
});

test("what would be done is said", async () => {
  expect((await dry("exec", "-d", "db", "ls", "/")).events).toContainEqual(
    expect.objectContaining({ text: expect.stringContaining('Executing command ["ls","/"]') }),
  );
  expect(await dry("run", "-d", "--name", "one", "db")).toMatchObject({ result: { Id: "one" } });
  expect((await dry("commit", "db")).events).toContainEqual(expect.objectContaining({ name: "demo-db-1", status: "Committed" }));
  expect((await dry("kill", "db")).events).toContainEqual(expect.objectContaining({ name: "demo-db-1", status: "Killed" }));
});
