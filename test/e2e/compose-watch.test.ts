/** Services that follow their files: what is carried, built and restarted, and the keys of `up`. */
import { renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { type ComposeProject, Projects } from "./compose-project.ts";
import { outcomeOf } from "./program.ts";

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects[Symbol.asyncDispose]());

const files = {
  Dockerfile: "FROM busybox\nCOPY src /app\n",
  "db.Dockerfile": "FROM busybox\nCOPY db.Dockerfile /own\n",
  ".dockerignore": "**/*.log\n",
  "src/page": "one",
  "src/only-now": "initial",
  "conf/a": "1",
  hook: "first",
  "compose.yaml": `services:
  web:
    build: .
    command: sh -c "echo begun >> /runs; exec sleep 1000"
    stop_grace_period: 0s
    depends_on: { db: { condition: service_healthy, restart: true } }
    develop:
      watch:
        - { path: src, action: sync, target: /app, ignore: [deps/], initial_sync: true }
        - { path: conf, action: sync+restart, target: /etc/conf, include: ["*.ini"] }
        - { path: hook, action: sync+exec, target: /hook, exec: { command: 'sh -c "cat /hook >> /seen"' } }
        - { path: later, action: sync, target: /later }
  db:
    build: { dockerfile: db.Dockerfile, context: . }
    command: sleep 1000
    stop_grace_period: 0s
    healthcheck: { test: "true", interval: 100ms }
    develop: { watch: [{ path: db.Dockerfile, action: rebuild }] }
`,
};

/** What a file of a service holds; undefined where there is none. */
async function content(project: ComposeProject, service: string, file: string): Promise<string | undefined> {
  const { status, stdout } = await project.run(`exec -T ${service} cat ${file}`);
  return status === 0 ? stdout : undefined;
}

test("watch: an editor's save, a burst, what goes, what is ignored; restarts, commands and builds in the order of what depends", async () => {
  await using project = projects.make("follow", files);
  const at = (path: string) => join(project.directory, path);
  /** As editors do: a new file in the place of the old. */
  const save = (path: string, text: string) => {
    project.write(text, `${path}.new~`);
    renameSync(at(`${path}.new~`), at(path));
  };
  let said = "";
  const has = (service: string, file: string, text: string | undefined) =>
    eventually(async () => expect({ file, text: await content(project, service, file) }, said).toEqual({ file, text }));
  const watch = project.spawn("watch --quiet");
  const outcome = outcomeOf(watch);
  watch.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await eventually(() => expect(said).toContain("Watch enabled"), 60_000);

  for (const text of ["two", "three"]) {
    save("src/page", text);
    await has("web", "/app/page", text);
  }
  for (let index = 0; index < 50; index++) project.write(String(index), `src/many/${index % 5}/${index}`);
  project.write("no", "src/deps/a");
  project.write("no", "src/x.log");
  symlinkSync("page", at("src/link"));
  save("src/last", "last");
  await has("web", "/app/last", "last");
  await has("web", "/app/link", "three");
  await has("web", "/app/many/4/49", "49");
  expect(await content(project, "web", "/app/deps/a")).toBeUndefined();
  expect(await content(project, "web", "/app/x.log")).toBeUndefined();
  rmSync(at("src/many"), { recursive: true });
  await has("web", "/app/many/4/49", undefined);
  project.write("there now", "later/deep/file");
  await has("web", "/later/deep/file", "there now");

  save("hook", "second ");
  await has("web", "/seen", "second ");
  save("conf/a", "not an .ini");
  save("conf/b.ini", "b");
  await has("web", "/runs", "begun\nbegun\n");
  expect(await content(project, "web", "/etc/conf/b.ini")).toBe("b");
  expect(await content(project, "web", "/etc/conf/a")).toBeUndefined();

  const before = await project.containers();
  save("db.Dockerfile", "broken");
  await eventually(() => expect(said).toContain("cannot follow a change"));
  const second = `${files["db.Dockerfile"]}LABEL edition=2\n`;
  save("db.Dockerfile", second);
  await has("db", "/own", second);
  await has("web", "/runs", "begun\nbegun\nbegun\n"); // it restarts with what it depends on
  const after = await project.containers();
  expect(after["follow-web-1"]).toBe(before["follow-web-1"]);
  expect(after["follow-db-1"]).not.toBe(before["follow-db-1"]);
  watch.kill("SIGINT");
  expect((await outcome).status).toBe(130);
  expect((await project.ok("ps -q")).split("\n").filter(Boolean).length).toBe(2);
}, 240_000);

test("watch: what an image does not have is there from the start; every way to save a file; restart alone carries nothing", async () => {
  await using project = projects.make("saves", {
    "compose.yaml": `services:
  a:
    image: busybox
    command: sh -c "echo begun >> /runs; exec sleep 1000"
    stop_grace_period: 0s
    develop:
      watch:
        - { path: src, action: sync, target: /src, ignore: [tmp/], initial_sync: true }
        - { path: settings, action: restart }
`,
    "src/page": "before",
    "src/tmp/page": "ignored",
    settings: "1",
  });
  const at = (path: string) => join(project.directory, path);
  let said = "";
  const has = (file: string, text: string) => eventually(async () => expect(await content(project, "a", file), said).toBe(text));
  await project.ok("up -d");
  const watch = project.spawn("watch --no-up");
  const outcome = outcomeOf(watch);
  watch.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await eventually(() => expect(said).toContain("Watch enabled"), 60_000);
  await has("/src/page", "before");
  expect(await content(project, "a", "/src/tmp/page")).toBeUndefined();

  project.write("in place", "src/page");
  await has("/src/page", "in place");
  // vim with a backup: the old file is moved away, the new one written under its name.
  renameSync(at("src/page"), at("src/page~"));
  project.write("written anew", "src/page");
  rmSync(at("src/page~"));
  await has("/src/page", "written anew");
  // Into the place of the old one, from beside it and from another directory.
  for (const from of ["src/.page.swp", "elsewhere"]) {
    project.write(from, from);
    renameSync(at(from), at("src/page"));
    await has("/src/page", from);
  }

  project.write("2", "settings.new");
  renameSync(at("settings.new"), at("settings"));
  await has("/runs", "begun\nbegun\n");
  expect(said).toContain('service(s) "a" restarted');
  expect(await content(project, "a", "/settings")).toBeUndefined();
  watch.kill("SIGINT");
  expect((await outcome).status).toBe(130);
}, 240_000);

test("what cannot be watched is said", async () => {
  await using project = projects.make("nothing", "services: { a: { image: busybox } }");
  expect(await project.run("watch --no-up")).toMatchObject({ status: 1, stderr: expect.stringContaining("is configured for watch") });
  project.write("services: { a: { image: busybox, develop: { watch: [{ path: ., action: rebuild }] } } }");
  expect(await project.run("up --watch")).toMatchObject({ status: 1, stderr: expect.stringContaining("without a build context") });
  expect(await project.run("up --watch -d")).toMatchObject({ status: 1, stderr: expect.stringContaining("--watch") });
});

test("keys of up on a terminal: w follows files, d leaves all running", async () => {
  const text = `services:
  a:
    build: { dockerfile_inline: "FROM busybox\\nCOPY word /word\\n", context: . }
    command: sh -c "cat /word; exec sleep 1000"
    stop_grace_period: 0s
    develop: { watch: [{ path: word, action: rebuild }] }
`;
  await using project = projects.make("keys", { "compose.yaml": text, word: "alpha\n" });
  await using up = new Driver(["compose", "up"], { cwd: project.directory, env: project.env });
  await up.screen.waitFor(/Press d to detach, w to follow/);
  await up.screen.waitFor(/a-1 +\| alpha/);
  await up.press("w", /Watch enabled/);
  project.write("beta\n", "word");
  await up.screen.waitFor(/a-1 +\| beta/);
  await up.press("w", /Watch disabled/);
  up.type("d");
  expect(await up.exited).toBe(0);
  expect(await project.ok("ps --services")).toBe("a\n");
}, 60_000);

const stubborn = (grace: string) =>
  `services: { a: { image: busybox, command: sh -c "trap '' TERM; echo up; while :; do sleep 0.1; done", stop_grace_period: ${grace} } }`;

test.each([
  ["as a key of its menu", "up"],
  ["as the terminal's signal", "up --menu=false"],
])("Ctrl-C %s: once asks them to stop, twice kills what does not want to", async (_, line) => {
  await using project = projects.make("ctrl-c", stubborn("600s"));
  await using up = new Driver(["compose", ...line.split(" ")], { cwd: project.directory, env: project.env });
  await up.screen.waitFor(/a-1 +\| up/);
  await up.press("\x03", /Gracefully Stopping.*press Ctrl\+C again to force/);
  await up.screen.waitFor(/Container ctrl-c-a-1 +Stopping/);
  expect(await project.ok("ps --services")).toBe("a\n");
  await up.press("\x03", /a-1 exited with code 137/);
  expect(await up.exited).toBe(130);
  expect(await project.ok("ps -a --format {{.State}}")).toBe("exited\n");
});
