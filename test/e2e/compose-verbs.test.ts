/** Verbs of a project with real containers: what each leaves, prints and ends with. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startOwnRegistry } from "../support/own-registry.ts";
import { Projects } from "./compose-project.ts";
import { outcomeOf } from "./program.ts";

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects[Symbol.asyncDispose]());

const stays = (command = "exec sleep 1000") => `{ image: busybox, command: sh -c "${command}", stop_grace_period: 0s }`;

test("the first that fails stops all, those that end well do not; each end is told", async () => {
  await using project = projects.make(
    "abort",
    `services:
  well: { image: busybox, command: echo well }
  fails: { image: busybox, command: sh -c "sleep 0.5; exit 7" }
  stays: { image: busybox, command: sh -c "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done" }
`,
  );
  const { status, stdout } = await project.run("up --abort-on-container-failure");
  expect(status).toBe(7);
  const lines = [
    "well-1   | well",
    "well-1 exited with code 0",
    "fails-1 exited with code 7",
    "stays-1  | bye",
    "stays-1 exited with code 0",
  ];
  expect(stdout.split("\n")).toEqual(expect.arrayContaining(lines));
  expect(await project.run("up --attach nobody")).toMatchObject({ status: 1, stderr: expect.stringContaining("cannot attach to") });
});

test("an interrupt stops what restarts by itself, too; a second one kills what does not want to end", async () => {
  await using project = projects.make(
    "twice",
    `services:
  loop: { image: busybox, command: "false", restart: always }
  stubborn: { image: busybox, command: sh -c "trap '' TERM; echo up; while :; do sleep 0.1; done", stop_grace_period: 600s }
`,
  );
  const up = project.spawn("up");
  const outcome = outcomeOf(up);
  let said = "";
  up.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await eventually(() => expect(said).toContain("stubborn-1  | up"));
  up.kill("SIGINT");
  await eventually(() => expect(said).toContain("Gracefully Stopping"));
  up.kill("SIGINT");
  const { status, stdout } = await outcome;
  expect({ status, stdout }).toEqual({ status: 130, stdout: expect.stringContaining("stubborn-1 exited with code 137") });
  expect(await project.ok("ps -a --format {{.State}}")).toBe("exited\nexited\n");
});

test("what does not become healthy in time is said, and stays", async () => {
  await using project = projects.make(
    "late",
    `services:
  a: { image: busybox, command: sleep 1000, stop_grace_period: 0s, healthcheck: { test: "false", interval: 1s, retries: 1000 } }
`,
  );
  const { status, stderr } = await project.run("up -d --wait --wait-timeout 1");
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("application not healthy after --wait-timeout") });
  expect(await project.ok("ps --status running -q")).not.toBe("");
});

test("what follows a service starts again after it has changed, and is not made anew", async () => {
  const text = (word: string) => `services:
  web: { image: busybox, command: sh -c "echo run >> /runs; exec sleep 1000", stop_grace_period: 0s, depends_on: { db: { condition: service_started, restart: true } } }
  other: ${stays().replace("}", ", depends_on: [db] }")}
  db: ${stays(`echo ${word}; exec sleep 1000`)}
`;
  await using project = projects.make("follows", text("one"));
  await project.ok("up -d");
  const before = await project.containers();
  project.write(text("two"));
  const { stderr } = await project.run("up -d");
  expect(stderr).not.toMatch(/other-1 {2}(Stop|Start)/);
  expect({ ...(await project.containers()), "follows-db-1": "" }).toEqual({ ...before, "follows-db-1": "" });
  await eventually(async () => expect(await project.ok("exec -T web cat /runs")).toBe("run\nrun\n"));
});

test("files in and out, events, ids, and the lines of all in the order of time", async () => {
  const says = (odd: number) => stays(`for i in 1 2 3 4; do sleep 0.1; echo $$((i * 2 - ${odd})); sleep 0.1; done; exec sleep 1000`);
  await using project = projects.make(
    "tools",
    `services: { odd: ${says(1)}, even: ${says(0)}, twins: ${stays().replace("}", ", scale: 2 }")} }\n`,
  );
  await project.ok("up -d");
  writeFileSync(join(project.directory, "in"), "text");
  const { stderr } = await project.run("--progress plain cp in twins:/there");
  for (const number of [1, 2])
    expect(stderr).toMatch(
      new RegExp(`tools-twins-${number} +Copying.*copy in to tools-twins-${number}:/there[\\s\\S]*-${number} +Copied`),
    );
  expect(await project.run("--dry-run cp in twins:/nowhere")).toMatchObject({ status: 0, stderr: expect.stringContaining("DRY-RUN MODE") });
  expect(await project.run("exec -T twins ls /nowhere")).toMatchObject({ status: 1 });
  for (const index of [1, 2]) expect(await project.ok(`exec -T --index ${index} twins cat /there`)).toBe("text");
  await project.ok("cp --index 2 twins:/there out");
  expect(readFileSync(join(project.directory, "out"), "utf8")).toBe("text");

  const [first = ""] = (await project.ok("ps --format json twins")).split("\n");
  expect(JSON.parse(first)).toMatchObject({ Name: "tools-twins-1", ID: expect.stringMatching(/^[0-9a-f]{12}$/) });
  expect(await project.ok("ps -q twins")).toMatch(/^[0-9a-f]{64}\n[0-9a-f]{64}\n$/);
  expect(await project.ok("ps --no-trunc --format {{.ID}} twins")).toBe(await project.ok("ps -q twins"));

  await eventually(async () => expect((await project.ok("logs")).split("\n").length).toBe(9));
  const times = (await project.ok("logs --no-log-prefix -t")).split("\n").filter(Boolean);
  expect(times).toEqual([...times].sort());
  const events = (await project.ok("events --json --since 1m --until 0s odd")).split("\n").filter(Boolean);
  expect(events.map((line) => JSON.parse(line)).map(({ action, service, type }) => `${type} ${service} ${action}`)).toEqual([
    "container odd create",
    "container odd start",
  ]);

  await project.ok("pause odd");
  expect(await project.run("pause odd")).toMatchObject({ status: 1 });
  await project.ok("unpause odd");
  expect(await project.run("unpause odd")).toMatchObject({ status: 1 });
}, 180_000);

test("cut off by kill -9 while it goes down, the next down takes the rest, and up makes it whole", async () => {
  const services = Array.from({ length: 6 }, (_, index) => `  s${index}: ${stays()}\n`).join("");
  await using project = projects.make("falls", `services:\n${services}volumes: { v: {} }\n`);
  for (const lines of [2, 8]) {
    await project.ok("up -d");
    expect((await project.ok("ps -q")).split("\n").filter(Boolean).length).toBe(6);
    const down = project.spawn("down");
    let seen = 0;
    down.stderr.on("data", (bytes: Buffer) => {
      seen += bytes.toString().split("\n").length - 1;
      if (seen >= lines) down.kill("SIGKILL");
    });
    await outcomeOf(down);
  }
  await project.ok("down -v");
  expect(await project.ok("ps -aq")).toBe("");
  expect(await projects.program.ok(["network", "ls", "-q", "--filter", "label=com.docker.compose.project=falls"])).toBe("");
});

test("published, and run from the registry under the same name", async () => {
  await using registry = await startOwnRegistry();
  await using project = projects.make("published", `services: { web: ${stays().replace("busybox", '"${IMAGE:-busybox}"')} }\n`);
  expect(await project.run(`publish ${registry.host}/app`)).toMatchObject({ status: 0, stderr: expect.stringContaining("Published") });
  const from = `-f oci://${registry.host}/app`;
  expect(await project.run(`${from} up -d`, { input: "n\n" })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/IMAGE +busybox +compose file/),
  });
  expect(await project.run(`${from} up -d -y`)).toMatchObject({ status: 0 });
  expect(await project.ok(`${from} ps --format {{.Name}}`)).toBe("published-web-1\n");
  // What it was made from is kept: without the registry, too, by the project's name.
  expect(await project.run("-p published down")).toMatchObject({ status: 0 });
});
