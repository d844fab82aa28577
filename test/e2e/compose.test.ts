/** Projects from the shell with real containers: what `up` makes true, what it leaves alone, and what is left when it is cut off. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { pythonTar } from "../support/rootfs.ts";
import { Projects } from "./compose-project.ts";
import { outcomeOf, type Program } from "./program.ts";

let projects: Projects;
let program: Program;

beforeAll(async () => {
  projects = await Projects.open({ TOKEN: "s3cret" });
  program = projects.program;
});

afterAll(() => projects[Symbol.asyncDispose]());

const sleeper = `image: busybox
    command: [sleep, "1000"]
    stop_grace_period: 0s`;

test("a chain: healthy, then a one-shot that ends well, then the rest; nothing changed is nothing done; down leaves nothing", async () => {
  const text = `services:
  web:
    ${sleeper}
    environment: { GREETING: "hello \${WHO:-you}" }
    depends_on: { migrate: { condition: service_completed_successfully } }
    configs: [{ source: settings, target: /etc/app.conf, mode: 0440 }]
  migrate:
    image: busybox
    command: sh -c "cat /run/secrets/token /data/ready"
    volumes: [data:/data]
    secrets: [token]
    depends_on: { db: { condition: service_healthy } }
  db:
    image: busybox
    command: sh -c "sleep 0.2; echo yes > /data/ready; exec sleep 1000"
    stop_grace_period: 0s
    volumes: [data:/data, /kept]
    healthcheck: { test: "test -f /data/ready", interval: 100ms, retries: 1000 }
volumes: { data: {} }
secrets: { token: { environment: TOKEN } }
configs: { settings: { content: "for \${WHO:-you}\\n" } }
`;
  await using files = projects.make("chain", text);
  await files.ok("up -d --wait");
  expect(await files.ok("logs --no-log-prefix migrate")).toBe("s3cretyes\n");
  expect(await files.ok("exec -T web cat /etc/app.conf")).toBe("for you\n");
  expect(await files.ok("exec -T web sh -c env")).toContain("GREETING=hello you");
  expect(await files.ok("exec -T web ping -c 1 db")).toContain("1 packets received");
  const before = await files.containers();
  expect(Object.keys(before).sort()).toEqual(["chain-db-1", "chain-migrate-1", "chain-web-1"]);
  await files.ok("up -d");
  expect(await files.containers()).toEqual(before);

  // Only what changed is made anew, and it keeps its anonymous volume.
  await files.ok("exec -T db touch /kept/mark");
  files.write(text.replace("sleep 0.2", "sleep 0.1"));
  await files.ok("up -d");
  const after = await files.containers();
  expect({ ...after, "chain-db-1": before["chain-db-1"] }).toEqual(before);
  expect(after["chain-db-1"]).not.toBe(before["chain-db-1"]);
  expect(await files.ok("exec -T db ls /kept")).toBe("mark\n");

  expect(await files.ok("ls")).toMatch(/^chain +exited\(1\), running\(2\)|^chain +running\(2\)/m);
  await files.ok("down -v");
  expect(await program.ok(["ps", "-aq"])).toBe("");
  expect(await program.ok(["volume", "ls", "-q"])).toMatch(/^([0-9a-f]{64}\n)?$/); // anonymous ones of containers that are gone
  expect(await program.ok(["network", "ls", "-q", "--filter", "label=com.docker.compose.project"])).toBe("");
}, 180_000);

test("the example: built, migrated, served, and what was written outlives the containers", async () => {
  const directory = new URL("../../examples/compose", import.meta.url).pathname;
  const port = String(await freePort());
  const compose = (...words: string[]) => program.run(["compose", ...words], { cwd: directory, env: { PORT: port, GREETING: "Hello" } });
  await program.ok(["import", pythonTar(), "python:3.9"]);
  const page = async (init?: RequestInit) => (await fetch(`http://127.0.0.1:${port}/`, init)).text();
  try {
    expect(await compose("up", "-d", "--wait", "--build")).toMatchObject({ status: 0 });
    expect(await page({ method: "POST", body: "from the keyboard" })).toBe("thank you\n");
    expect(await page()).toBe("Hello\n- from the keyboard\n");
    expect((await compose("logs", "--no-log-prefix", "migrate")).stdout).toBe("migrate: the tables are there\n");
    expect(await compose("down")).toMatchObject({ status: 0 });
    expect(await compose("up", "-d", "--wait")).toMatchObject({ status: 0 });
    expect(await page()).toBe("Hello\n- from the keyboard\n");
  } finally {
    await compose("down", "-v");
  }
}, 180_000);

test("a dependency that fails is named, with its status and its last words; what needs it is not started", async () => {
  await using files = projects.make(
    "broken",
    `services:
  web: { image: busybox, command: "true", depends_on: { job: { condition: service_completed_successfully } } }
  job: { image: busybox, command: sh -c "echo the disk is wet; exit 3" }
`,
  );
  const { status, stderr } = await files.run("up -d");
  expect(status).toBe(1);
  expect(stderr).toMatch(/dependency failed to start: container broken-job-1 exited \(3\); its last lines:\n +the disk is wet/);
  expect(await files.ok("ps -a --status created --format {{.Service}}")).toBe("web\n");
});

test("whichever program does it, what there is to say is said once", async () => {
  const service = `services: { a: { ${sleeper.replaceAll("\n   ", ",")}, labels: { x: "$NOBODY" } } }\n`;
  for (const more of ["", "configs: { c: { content: text } }\n"]) {
    await using files = projects.make("said", (more ? service.replace("labels", "configs: [c], labels") : service) + more);
    const { status, stderr } = await files.run("up -d");
    expect(status).toBe(0);
    expect(stderr.match(/NOBODY/g)?.length).toBe(1);
    expect(stderr.match(/Container said-a-1 {2}Created/g)?.length).toBe(1);
  }
});

test("progress as the flag before the verb, or COMPOSE_PROGRESS, says", async () => {
  await using files = projects.make("shown", `services: { a: { ${sleeper.replaceAll("\n   ", ",")} } }\n`);
  expect((await files.run("--progress quiet up -d")).stderr).toBe("");
  const { stderr } = await files.run("down", { env: { COMPOSE_PROGRESS: "json" } });
  const lines = stderr
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(lines[0]).toEqual({ id: "Container shown-a-1", status: "Stopping" });

  files.write("name: shown\nservices: { a: { image: busybox, environment: { A: $NOBODY } } }\n");
  const wrong = (await files.run("--progress json up -d nobody")).stderr.trimEnd().split("\n");
  expect(wrong.map((line) => JSON.parse(line))).toEqual([{ error: true, message: "no such service: nobody" }]);
  const warned = (await files.run("--progress json create")).stderr.trimEnd().split("\n");
  expect(JSON.parse(warned[0]!)).toMatchObject({ level: "warning", msg: expect.stringContaining("NOBODY"), time: expect.any(String) });
  expect((await files.run("--ansi always down", { env: { NO_COLOR: "" } })).stderr).toMatch(/\[\+\] Running.*\x1b\[32m/s);
});

test("in the foreground: names before the lines, the status of the one that counts, the others stopped", async () => {
  await using files = projects.make(
    "tests",
    `services:
  server: { image: busybox, command: sh -c "echo serving; exec sleep 1000", stop_grace_period: 0s }
  check: { image: busybox, command: sh -c "echo checking; exit 5", depends_on: [server] }
`,
  );
  const { status, stdout } = await files.run("up --exit-code-from check");
  expect(status).toBe(5);
  expect(stdout.split("\n")).toEqual(expect.arrayContaining(["server-1  | serving", "check-1   | checking", "check-1 exited with code 5"]));
  expect(await files.ok("ps -q")).toBe("");
});

test("an interrupt in the foreground stops what was started", async () => {
  await using files = projects.make("stopped", `services: { a: { ${sleeper.replaceAll("\n   ", ",")} } }\n`);
  const up = files.spawn("up");
  const outcome = outcomeOf(up);
  await eventually(async () => expect(await files.ok("ps --status running -q")).not.toBe(""));
  up.kill("SIGINT");
  expect((await outcome).stdout).toContain("Gracefully Stopping");
  expect(await files.ok("ps --status exited --format {{.Service}}")).toBe("a\n");
});

test("more, fewer, and those whose service is gone", async () => {
  const two = `services:\n  a:\n    ${sleeper}\n  b:\n    ${sleeper}\n`;
  await using files = projects.make("scaled", two);
  await files.ok("up -d --scale a=3");
  expect(Object.keys(await files.containers()).sort()).toEqual(["scaled-a-1", "scaled-a-2", "scaled-a-3", "scaled-b-1"]);
  await files.ok("scale a=2");
  files.write(`services:\n  a:\n    ${sleeper}\n`);
  const { stderr } = await files.run("up -d --scale a=1");
  expect(stderr).toContain("Found orphan containers ([scaled-b-1])");
  await files.ok("up -d --remove-orphans");
  expect(Object.keys(await files.containers())).toEqual(["scaled-a-1"]);
});

test("a command in a container of a service: its status, its input, nothing left", async () => {
  await using files = projects.make(
    "once",
    `services:
  web: { image: busybox, command: "false", environment: { A: "1" }, depends_on: [db] }
  db:
    ${sleeper}
`,
  );
  const { status, stdout } = await files.run("run --rm -T -e B=2 web sh -c cat;echo${IFS}$A$B;exit${IFS}4", { input: "typed " });
  expect({ status, stdout }).toEqual({ status: 4, stdout: "typed 12\n" });
  expect(Object.keys(await files.containers())).toEqual(["once-db-1"]);
});

describe("whatever happens meanwhile", () => {
  const many = `services:\n${Array.from({ length: 6 }, (_, index) => `  s${index}:\n    ${sleeper}\n`).join("")}`;

  test("cut off by kill -9 at some moment, the next up finishes, and down takes all", async () => {
    await using files = projects.make("cut", many);
    for (const lines of [1, 6, 14]) {
      const up = files.spawn("up -d");
      let seen = 0;
      up.stderr.on("data", (bytes: Buffer) => {
        seen += bytes.toString().split("\n").length - 1;
        if (seen >= lines) up.kill("SIGKILL");
      });
      await outcomeOf(up);
    }
    await files.ok("up -d --force-recreate");
    expect(Object.keys(await files.containers()).sort()).toEqual(Array.from({ length: 6 }, (_, index) => `cut-s${index}-1`));
    expect((await files.ok("ps --status running -q")).split("\n").filter(Boolean).length).toBe(6);
  });

  test("two at the same time: one after the other, and the second has nothing to do", async () => {
    await using files = projects.make("twice", many);
    const outcomes = await Promise.all([files.run("up -d"), files.run("up -d")]);
    expect(outcomes.map(({ status }) => status)).toEqual([0, 0]);
    expect(Object.keys(await files.containers()).length).toBe(6);
    expect(outcomes.filter(({ stderr }) => stderr.includes("Creating")).length).toBe(1);
  });

  test("a network that somebody else uses stays, and it is said who", async () => {
    await using files = projects.make("shared", `services: { a: { ${sleeper.replaceAll("\n   ", ",")} } }\n`);
    await files.ok("up -d");
    await program.ok(["run", "-d", "--name", "guest", "--network", "shared_default", "busybox", "sleep", "1000"]);
    const { status, stderr } = await files.run("down");
    expect(status).toBe(0);
    expect(stderr).toContain("Network shared_default  Resource is still in use by guest");
    await program.ok(["rm", "-f", "guest"]);
    await files.ok("down");
    expect(await program.ok(["network", "ls", "-q", "--filter", "name=shared_default"])).toBe("");
  });
});
