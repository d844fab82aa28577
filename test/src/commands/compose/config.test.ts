/** `compose config` through the dispatcher: its flags, what it prints, and where. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "../../../../src/commands/command.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { presentResult } from "../../../../src/present.ts";
import { splitWords } from "../../../../src/repl/language/words.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-compose-config-"));
afterAll(() => rmSync(cwd, { recursive: true }));

beforeAll(() => {
  writeFileSync(
    join(cwd, "compose.yaml"),
    "name: demo\nservices:\n  web: {image: 'web:${TAG:-1}', depends_on: [db], profiles: [front], networks: [b]}\n  db: {build: ., volumes: ['data:/x'], labels: {price: $$5}, env_file: db.env}\n  app: {image: app, depends_on: [db]}\nvolumes: {data: {}, unused: {}}\nnetworks: {b: {}}\n",
  );
  writeFileSync(join(cwd, "db.env"), "A=1\n");
  mkdirSync(join(cwd, "other"));
  writeFileSync(join(cwd, "other/compose.yml"), "services: {one: {image: 'one:$TAG'}}");
  writeFileSync(join(cwd, "other/.env"), "TAG=from-env\nCOMPOSE_PROFILES=\n");
});

function contextOf(env: Record<string, string> = {}, stdin = ""): Context {
  const streams = { stdin: Readable.from([stdin]), stdout: new PassThrough(), stderr: new PassThrough() };
  const io = { streams, confirm: async () => false, cwd, env };
  return { engine: fakeEngine(), io, signal: new AbortController().signal } as unknown as Context;
}

/** What a line prints, and its warnings. */
async function run(
  line: string,
  env?: Record<string, string>,
  stdin?: string,
): Promise<{ text: string; warnings: string[]; result: unknown }> {
  const running = execute(contextOf(env, stdin), splitWords(line));
  const warnings: string[] = [];
  for (;;) {
    const { done, value } = await running.next();
    if (done) return { text: await presentResult(value.spec, value.input, value.result), warnings, result: value.result };
    if (value.type === "warning") warnings.push(value.text);
  }
}

test.each([
  ["compose config --services", "db\napp\n"],
  ["compose --profile front config --services", "db\napp\nweb\n"],
  ["compose config --services --no-interpolate", "app\ndb\nweb\n"],
  ["compose config --volumes", "data\n"],
  ["compose --all-resources config --volumes", "data\nunused\n"],
  ["compose config --networks", "default\n"],
  ["compose config --profiles", "front\n"],
  ["compose config --images", "app\ndemo-db\n"],
  ["compose -p other config --images db", "other-db\n"],
  ["compose --compatibility config --images db", "demo_db\n"],
  ["compose --project-directory other config --images", "one:from-env\n"],
  ["compose -f other/compose.yml config --images", "one:from-env\n"],
  ["compose -f other/compose.yml --env-file db.env config --images", "one:\n"],
  ["compose config --quiet", ""],
  ["compose -f other/compose.yml config", /^name: other\nservices:\n {2}one:\n {4}image: one:from-env\n/],
  ["compose config web", /^name: demo\nservices:\n {2}db:[\s\S]*\n {2}web:\n/],
  ["compose config db", /^name: demo\nservices:\n {2}db:(?![\s\S]*\n {2}(web|app):)/],
  ["compose config db", /\n {4}environment:\n {6}A: "1"\n/],
  ["compose config db", /price: \$\$5\n/],
  ["compose config --no-env-resolution db", /\n {4}env_file:\n {6}- .*\/db\.env\n/],
  ["compose config --no-interpolate", /image: web:\$\{TAG:-1\}\n/],
  ["compose config --no-path-resolution db", /\n {6}context: \.\n/],
  ["compose config --no-normalize", /^name: demo\nservices:\n(?![\s\S]*networks:\n {6}default)/],
  ["compose convert --format json app", /^\{\n {2}"name": "demo",\n/],
  [
    "compose config --variables",
    "NAME                REQUIRED            DEFAULT VALUE       ALTERNATE VALUE\nTAG                 false               1                   \n",
  ],
  ["compose config --variables --format yaml", 'TAG:\n    name: TAG\n    defaultvalue: "1"\n    presencevalue: ""\n    required: false\n'],
])("%s", async (line, text) => {
  const printed = await run(line);
  if (text instanceof RegExp) expect(printed.text).toMatch(text);
  else expect(printed.text).toBe(text);
  expect(printed.warnings).toEqual(line.includes("db.env") ? ['The "TAG" variable is not set. Defaulting to a blank string.'] : []);
});

test("hashes are docker compose's", async () => {
  expect((await run("compose config --hash *")).text).toMatch(/^app [0-9a-f]{64}\ndb [0-9a-f]{64}\n$/);
  const ofDocker = "cad27c0f73f1ae23d644a4139b0c1e3cc457be5ed0609845c4e1643f50da1a1f";
  expect((await run("compose config --hash app")).text).toBe(`app ${ofDocker}\n`);
  const forAnother = { DOCKER_DEFAULT_PLATFORM: "linux/arm64" };
  expect((await run("compose -f - config --hash c", forAnother, "services: {c: {build: .}}")).text).toBe(
    "c 1436d90491bf2bd291a02e7bd51b891d8f8a68b73f74fbce4f0fe042d2e4003a\n",
  );
  await expect(run("compose -f - config --hash c", forAnother, "services: {c: {build: {platforms: [linux/amd64]}}}")).rejects.toThrow(
    'DOCKER_DEFAULT_PLATFORM "linux/arm64" is not among them',
  );
  await expect(run("compose config --hash nope")).rejects.toMatchObject({ message: "no such service: nope", exit: 1 });
});

test("variables come from the caller, and the standard input may be a file", async () => {
  expect((await run("compose --profile '*' config --images web", { TAG: "2" })).text).toBe("demo-db\nweb:2\n");
  expect((await run("compose -f - config --images", {}, "services: {a: {image: piped}}")).text).toBe("piped\n");
  expect((await run("compose config --environment", { B: "2", A: "1" })).text).toBe(`A=1\nB=2\nCOMPOSE_PROJECT_NAME=demo\nPWD=${cwd}\n`);
});

test("it writes to a file, and gives sessions the project", async () => {
  const { result, text } = await run("compose config -o out.yaml app");
  expect(text).toBe("");
  expect(readFileSync(join(cwd, "out.yaml"), "utf8")).toMatch(/^name: demo\n/);
  expect(result).toMatchObject({ Project: { name: "demo", services: { app: { image: "app" } } } });
  await expect(run("compose config -o nowhere/out.yaml")).rejects.toMatchObject({
    exit: 1,
    message: expect.stringContaining("nowhere/out.yaml"),
  });
});

test("images are pinned by their registry", async () => {
  const context = contextOf();
  const asked: string[] = [];
  const images = {
    resolve: async (ref: string) => {
      asked.push(ref);
      return `docker.io/library/${ref}@sha256:1`;
    },
  };
  Object.assign(context, { engine: { images } });
  const running = execute(context, splitWords("compose config --lock-image-digests app"));
  const { value } = await running.next();
  expect(asked).toEqual(["app"]);
  const shown = value as unknown as { result: { Text: string } };
  expect(shown.result.Text).toBe("services:\n  app:\n    image: docker.io/library/app@sha256:1\n  db: {}\n");
});

test.each([
  ["compose config nope", "no such service: nope"],
  ["compose config --format xml", 'unsupported format "xml"'],
  ["compose -f nope.yaml config", `cannot read the compose file "${cwd}/nope.yaml": there is no such file`],
])("%s ends with 1", async (line, message) => {
  await expect(run(line)).rejects.toMatchObject({ message, exit: 1 });
});
