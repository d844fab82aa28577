/** What is done to a project that is there already: volumes made anew, restarts in the order of what is waited for, hooks among the lines. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Projects } from "./compose-project.ts";

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects[Symbol.asyncDispose]());

const stays = (command: string, more = "") => `{ image: busybox, command: sh -c "${command}", stop_grace_period: 0s${more} }`;

test("a volume whose configuration changed is made anew if somebody agrees, with the containers that use it; else it stays", async () => {
  const text = (version: number) => `services:
  web: ${stays("exec sleep 1000", ", volumes: [data:/data]")}
  other: ${stays("exec sleep 1000")}
volumes: { data: { labels: { version: "${version}" } } }
`;
  await using project = projects.make("renewed", text(1));
  await project.ok("up -d");
  await project.ok("exec -T web touch /data/mark");
  const before = await project.containers();

  project.write(text(2));
  const question = `Volume "renewed_data" exists but doesn't match configuration in compose file. Recreate (data will be lost)?`;
  expect((await project.run("up -d")).stderr).toContain(question);
  expect(await project.containers()).toEqual(before);
  expect(await project.ok("exec -T web ls /data")).toBe("mark\n");

  // Somebody else's container keeps it: nothing is touched.
  await projects.program.ok(["create", "--name", "renewed-guest", "-v", "renewed_data:/x", "busybox", "true"]);
  const refused = await project.run("up -d -y");
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("it is in use by renewed-guest") });
  expect(await project.containers()).toEqual(before);
  await projects.program.ok(["rm", "renewed-guest"]);

  expect(await project.run("up -d", { input: "y\n" })).toMatchObject({ status: 0, stderr: expect.stringContaining(question) });
  expect(await project.ok("exec -T web ls /data")).toBe("");
  const after = await project.containers();
  expect(after["renewed-web-1"]).not.toBe(before["renewed-web-1"]);
  expect(after["renewed-other-1"]).toBe(before["renewed-other-1"]);

  await project.ok("exec -T web touch /data/mark");
  project.write(text(3));
  const { status, stderr } = await project.run("up -d -y");
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining(question) });
  expect(await project.ok("exec -T web ls /data")).toBe("");
}, 180_000);

test("a project that is as it was is not loaded again; whatever it is made from is looked at each time, and so is what became of it", async () => {
  await using project = projects.make("known", {
    "compose.yaml": `services:\n  web: ${stays("exec sleep 1000", ", env_file: web.env, environment: [MORE]")}\n`,
    "web.env": "VALUE=1\n",
  });
  await project.ok("up -d");
  const first = await project.containers();
  expect(await project.run("up -d")).toMatchObject({ status: 0, stderr: expect.stringContaining("Container known-web-1  Running") });
  expect(await project.containers()).toEqual(first);

  const value = async () => /^VALUE=(.*)$/m.exec(await project.ok("exec -T web env"))?.[1];
  for (const next of ["2", "3"]) {
    project.write(`VALUE=${next}\n`, "web.env");
    await project.ok("up -d");
    expect(await value()).toBe(next);
  }
  project.write("MORE=4\n", ".env");
  await project.ok("up -d");
  expect(await project.ok("exec -T web env")).toMatch(/^MORE=4$/m);

  const last = await project.containers();
  await project.ok("kill");
  expect(await project.run("up -d")).toMatchObject({ status: 0, stderr: expect.stringContaining("Container known-web-1  Started") });
  expect(await project.containers()).toEqual(last);
  await project.ok("down");
  expect(await project.run("up -d")).toMatchObject({ status: 0, stderr: expect.stringContaining("Container known-web-1  Created") });
}, 180_000);

test("restart: what follows a service starts again once it is healthy again, and what follows that; --no-deps leaves both alone", async () => {
  await using project = projects.make(
    "order",
    `services:
  web: ${stays("ls /data; exec sleep 1000", ", volumes: [data:/data], depends_on: { db: { condition: service_healthy, restart: true } }")}
  front: ${stays("exec sleep 1000", ", depends_on: { web: { condition: service_started, restart: true } }")}
  plain: ${stays("exec sleep 1000", ", depends_on: [db]")}
  db: ${stays("rm -f /data/ready; sleep 1; touch /data/ready; exec sleep 1000", ', volumes: [data:/data], healthcheck: { test: "test -f /data/ready", interval: 100ms, retries: 1000 }')}
volumes: { data: {} }
`,
  );
  await project.ok("up -d");
  const { status, stderr } = await project.run("--progress plain restart db");
  expect(status).toBe(0);
  expect(stderr.match(/(?<=Container order-)\S+ {2}\w+/g)).toEqual([
    "db-1  Restarting",
    "db-1  Started",
    "db-1  Waiting",
    "db-1  Healthy",
    "web-1  Restarting",
    "web-1  Started",
    "front-1  Restarting",
    "front-1  Started",
  ]);
  expect(await project.ok("logs --no-log-prefix web")).toBe("ready\nready\n");
  const alone = await project.run("--progress plain restart --no-deps db");
  expect(alone.stderr.match(/(?<=Container order-)\S+ {2}\w+/g)).toEqual(["db-1  Restarting", "db-1  Started"]);
});

test("hooks run at a restart, too; in the foreground their lines stand among the others", async () => {
  const hooks = ', pre_stop: [{ command: [sh, -c, "echo stopping"] }], post_start: [{ command: [sh, -c, "echo started"] }]';
  await using project = projects.make(
    "hooked",
    `services:
  short: { image: busybox, command: "true" }
  web: ${stays("trap 'echo bye; exit 0' TERM; while :; do sleep 0.1; done", hooks).replace("0s", "60s")}
`,
  );
  const { status, stdout, stderr } = await project.run("up --abort-on-container-exit");
  expect(status).toBe(0);
  expect(stdout).toContain("web-1 ->  | started\n");
  expect(stdout).toMatch(/^web-1 -> {2}\| stopping\nweb-1 {5}\| bye$/m);
  for (const name of ["short", "web"]) expect(stderr).toContain(`Container hooked-${name}-1  Stopped`);
  await project.ok("up -d web");
  const again = await project.run("restart web");
  expect(again.stderr).toMatch(/hooked-web-1: stopping.*hooked-web-1: started/s);
});

test("a variable that exec names alone is what it stands for in the project: from the shell, or a file of variables", async () => {
  await using project = projects.make("told", {
    "compose.yaml": `services: { web: ${stays("exec sleep 1000")} }`,
    ".env": "FILED=filed\nBOTH=filed\n",
  });
  await project.ok("up -d");
  const words = "-e FILED -e BOTH -e NOBODY -e OWN=1 web sh -c echo${IFS}$FILED,$BOTH,${NOBODY-unset},$OWN";
  const told = { status: 0, stdout: "filed,shell,unset,1\n" };
  expect(await project.run(`exec -T ${words}`, { env: { BOTH: "shell" } })).toMatchObject(told);
  expect(await project.run(`run --rm -T ${words}`, { env: { BOTH: "shell" } })).toMatchObject(told);
  const away = await projects.program.run(["compose", "-p", "told", "exec", "-T", "-e", "BOTH", "web", "sh", "-c", "echo $BOTH"], {
    env: { BOTH: "shell" },
  });
  expect(away).toMatchObject({ status: 0, stdout: "shell\n" });
});
