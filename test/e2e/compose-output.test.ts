/** What containers of a project write, as `up` and `logs` show it: every line once, through all runs, and the last without an end. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { Projects } from "./compose-project.ts";
import { outcomeOf } from "./program.ts";

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects[Symbol.asyncDispose]());

const count = (text: string, line: string) => text.split("\n").filter((each) => each === line).length;

test("of one that restarts by itself each run is shown once, then its end", async () => {
  await using project = projects.make(
    "runs",
    'services: { a: { image: busybox, command: sh -c "seq 2; printf end; exit 3", restart: "on-failure:2" } }\n',
  );
  const run = "a-1  | 1\na-1  | 2\na-1  | end\na-1 exited with code 3";
  for (let time = 0; time < 2; time++)
    expect((await project.run("up")).stdout).toBe(`Attaching to a-1\n${run} (restarting)\n${run} (restarting)\n${run}\n`);
  const past = await project.ok("logs"); // which does not know where one run ended, as docker compose does not
  expect(["1", "2", "end1", "end"].map((line) => count(past, `a-1  | ${line}`))).toEqual([1, 6, 5, 1]);
});

test("of one that is over at once all is shown", async () => {
  await using project = projects.make("short", "services: { a: { image: busybox, command: printf hello } }\n");
  expect((await project.run("up")).stdout).toBe("Attaching to a-1\na-1  | hello\na-1 exited with code 0\n");
  expect(await project.ok("logs -f")).toBe("a-1  | hello\n");
});

test("of one that runs already up shows what it writes from now on", async () => {
  await using project = projects.make(
    "joins",
    `services:
  a: { image: busybox, command: sh -c "echo before; until test -e /go; do sleep 0.05; done; echo after" }
  b: { image: busybox, command: echo b, depends_on: { a: { condition: service_started } } }
`,
  );
  await project.ok("up -d a");
  await eventually(async () => expect(await project.ok("logs a")).toBe("a-1  | before\n"));
  const up = project.spawn("up");
  let said = "";
  up.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const outcome = outcomeOf(up);
  await eventually(() => expect(said).toContain("b-1  | b\n"));
  await project.ok("exec a touch /go");
  expect((await outcome).status).toBe(0);
  const lines = ["", "Attaching to a-1, b-1", "a-1  | after", "a-1 exited with code 0", "b-1  | b", "b-1 exited with code 0"];
  expect(said.split("\n").toSorted()).toEqual(lines);
});

test("logs -f goes on with containers that are made or started meanwhile, and ends with the last", async () => {
  const says = (word: string) =>
    `{ image: busybox, command: sh -c "trap 'printf bye; exit' TERM; echo ${word}; while :; do sleep 0.05; done", logging: { driver: DRIVER } }`;
  const services = ["first", "second", "mute"].map(
    (name) => `  ${name}: ${says(name).replace("DRIVER", name === "mute" ? "none" : "json-file")}\n`,
  );
  await using project = projects.make("goes-on", `services:\n${services.join("")}`);
  await project.ok("up -d first mute");
  const logs = project.spawn("logs -f");
  let said = "";
  logs.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const outcome = outcomeOf(logs);
  await eventually(() => expect(said).toContain("| first\n"));
  await project.ok("up -d second");
  await eventually(() => expect(said).toContain("second-1  | second\n"));
  await project.ok("restart first");
  await eventually(() => expect(said.split("| first\n").length).toBe(3));
  await project.ok("stop");
  const { status, stderr } = await outcome;
  expect({ status, warned: stderr.includes("cannot show what mute-1 wrote") }).toEqual({ status: 0, warned: true });
  const lines = said.split("\n").map((line) => line.replace(/ +\|/, " |"));
  expect(lines.toSorted()).toEqual([
    "",
    ...["bye", "bye", "first", "first"].map((word) => `first-1 | ${word}`),
    "second-1 | bye",
    "second-1 | second",
  ]);
});

test("of a service that is named, what it depends on runs on when it has ended, or is stopped", async () => {
  await using project = projects.make(
    "named",
    `services:
  db: { image: busybox, command: sleep 1000, stop_grace_period: 0s }
  once: { image: busybox, command: echo once, depends_on: [db] }
  web: { image: busybox, command: sh -c "echo web; exec sleep 1000", depends_on: [db], stop_grace_period: 0s }
`,
  );
  const running = () => project.ok("ps --status running --format {{.Service}}");
  expect(await project.run("up once")).toMatchObject({
    status: 0,
    stdout: "Attaching to once-1\nonce-1  | once\nonce-1 exited with code 0\n",
  });
  expect(await running()).toBe("db\n");
  const up = project.spawn("up web");
  let said = "";
  up.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const outcome = outcomeOf(up);
  await eventually(() => expect(said).toContain("web-1  | web\n"));
  up.kill("SIGINT");
  expect((await outcome).status).toBe(130);
  expect(await running()).toBe("db\n");
});
