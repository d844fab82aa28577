/** Services that a program of the host provides: what it is told, and what becomes of what it says. */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Projects } from "./compose-project.ts";

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects[Symbol.asyncDispose]());

/** Keeps what it is called with, and asks for its configuration. */
const program = `#!/bin/sh
if [ "$2" = metadata ]; then
  [ -z "$STOPS" ] || STOPS=', "stop": {"parameters": [{"name": "other"}]}'
  echo '{"description": "a cloud", "up": {"parameters": [{"name": "size"}, {"name": "kind", "required": true}]}, "down": {"parameters": []}'"$STOPS}"
  exit
fi
echo "$*" >> "$LOG"
case "$*" in *broken*) echo '{"type": "error", "message": "the cloud is full"}'; exec sleep 1000;; esac
case "$*" in *mute*) echo "on fire" >&2; exit 3;; esac
case "$*" in *odd*) echo '{"type": "song"}'; exit;; esac
if [ "$3" = up ]; then
  echo '{"type": "get-service-config"}'
  read config; echo "$config" >> "$LOG"
  echo '{"type": "debug", "message": "thinking"}'
  printf '{"type": "info", "message": "25%%"}\\n{"type": "setenv", "message": "URL=cloud://db?a=b"}\\n'
  echo '{"type": "rawsetenv", "message": "TOKEN=given"}'
fi
`;

const text = (name: string) => `services:
  app:
    image: busybox
    command: sh -c 'echo \${NOBODY}[$$DB_URL][$$TOKEN]'
    environment: { TOKEN: own }
    depends_on: [db]
  ${name}:
    provider: { type: cloud, options: { size: 3, kind: [a, b], other: x } }
`;

function make(name: string, service = "db") {
  const source = text(service).replace("depends_on: [db]", `depends_on: [${service}]`);
  const project = projects.make(name, { "compose.yaml": source, "bin/cloud": program });
  chmodSync(join(project.directory, "bin/cloud"), 0o755);
  const log = join(project.directory, "log");
  const env = { PATH: `${join(project.directory, "bin")}:${process.env["PATH"]}`, LOG: log };
  return { project, env, run: (line: string) => project.run(line, { env }), said: () => readFileSync(log, "utf8").split("\n") };
}

test("up, run and down; its variables go to what depends on it", async () => {
  const { project, env, run, said } = make("provided");
  await using _ = project;
  const { status, stderr } = await run("up -d");
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/Service db {2}25%[\s\S]*Service db {2}Created/) });
  expect(stderr).toContain('provider "db" overrides environment variable "TOKEN" in service "app"');
  expect(await project.ok("logs --no-log-prefix app")).toBe("[cloud://db?a=b][given]\n");
  expect(said().slice(0, 2)).toEqual([
    "compose --project-name=provided up --kind=a --kind=b --size=3 db",
    expect.stringMatching(/^\{.*"provider":\{"type":"cloud"/),
  ]);
  expect((await run("run --rm app sh -c env")).stdout).toContain("DB_URL=cloud://db?a=b");
  expect(await run("stop")).toMatchObject({ status: 0, stderr: expect.not.stringContaining("Service db") });
  expect(await project.run("stop", { env: { ...env, STOPS: "1" } })).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/Service db {2}Stopping[\s\S]*Service db {2}Stopped/),
  });
  expect(said().at(-2)).toBe("compose --project-name=provided stop --other=x db");
  expect(await run("down")).toMatchObject({ status: 0 });
  expect(said().at(-2)).toBe("compose --project-name=provided down db");
}, 60_000);

test.each([
  ["broken", /service "broken": the cloud is full/],
  ["mute", /the provider of service "mute" ended with status 3:\n +on fire/],
  ["odd", /invalid response from the provider of service "odd": \{"type": "song"\}/],
])("one that is %s is said, and what needs it is not made", async (name, message) => {
  const { project, run } = make(name, name);
  await using _ = project;
  expect(await run("up -d")).toMatchObject({ status: 1, stderr: expect.stringMatching(message) });
  expect(await project.ok("ps -aq")).toBe("");
});

test("none, and one without what it wants", async () => {
  const { project, run } = make("without");
  await using _ = project;
  expect((await project.run("up -d")).stderr).toContain('there is no program "cloud" to provide it');
  project.write(text("db").replace("kind", "sort"));
  expect((await run("up -d")).stderr).toContain('required parameter "kind" is missing from provider "cloud" definition');
});
