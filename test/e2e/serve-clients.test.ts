/** Clients of others on `berth serve`, as their users have them: libraries for Node and Python, docker-compose. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { npmClient } from "../support/npm-clients.ts";
import { freePort } from "../support/ports.ts";
import { programOrSkip } from "../support/programs.ts";
import { Served } from "./served.ts";

const served = new Served();

beforeAll(async () => {
  await served.open();
});
afterAll(() => served[Symbol.asyncDispose]());

// biome-ignore lint/suspicious/noExplicitAny: libraries without types
const library = (name: "dockerode" | "testcontainers"): any => npmClient(name);

test("dockerode: run, exec with input, logs in two streams, progress of a build, attach to the end", async () => {
  const docker = new (library("dockerode"))({ socketPath: served.socket });
  const sides = () => [new PassThrough(), new PassThrough()] as const;
  const [out, err] = sides();
  const [ended, container] = await docker.run("busybox", ["sh", "-c", "echo out; echo err >&2; exit 3"], [out, err], { Tty: false });
  expect([ended, out.read()?.toString(), err.read()?.toString()]).toEqual([{ StatusCode: 3 }, "out\n", "err\n"]);
  await container.remove();
  const talker = await docker.createContainer({ Image: "busybox", Cmd: ["sh", "-c", "echo hi; sleep 1000"] });
  await talker.start();
  const exec = await talker.exec({ Cmd: ["sh", "-c", "cat; exit 5"], AttachStdin: true, AttachStdout: true });
  const session = await exec.start({ hijack: true, stdin: true });
  const [typed, other] = sides();
  docker.modem.demuxStream(session, typed, other);
  session.end("word\n");
  session.on("end", () => typed.end());
  expect(await text(typed)).toBe("word\n");
  expect((await exec.inspect()).ExitCode).toBe(5);
  expect((await talker.logs({ stdout: true })).subarray(8).toString()).toBe("hi\n");
  const context = join(served.directory, "dockerode");
  mkdirSync(context);
  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nLABEL a=b\n");
  const building = await docker.buildImage({ context, src: ["Dockerfile"] }, { t: "dockerode:1" });
  const lines = await new Promise<{ stream?: string }[]>((resolve, reject) => {
    docker.modem.followProgress(building, (error: Error | null, all: { stream?: string }[]) => (error ? reject(error) : resolve(all)));
  });
  expect(lines.at(-1)).toEqual({ stream: "Successfully tagged dockerode:1\n" });
  const attached = await talker.attach({ stream: true, stdout: true });
  await talker.kill();
  attached.resume();
  await new Promise((resolve) => attached.on("end", resolve));
  expect(await talker.wait()).toEqual({ StatusCode: 137 });
  await talker.remove();
  await docker.getImage("dockerode:1").remove();
});

test("testcontainers: networks, waiting for logs, ports and health, files, builds", async () => {
  process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true"; // its reaper is an image of the hub's, which no test here reaches
  process.env["DOCKER_HOST"] = served.env.DOCKER_HOST;
  process.env["TMPDIR"] = served.env.TMPDIR; // where it leaves a lock
  const { GenericContainer, Network, Wait } = library("testcontainers");
  const network = await new Network().start();
  const web = await new GenericContainer("busybox")
    .withCommand(["sh", "-c", "mkdir /www; echo hello > /www/index.html; echo ready; exec httpd -f -p 80 -h /www"])
    .withExposedPorts(80)
    .withNetwork(network)
    .withNetworkAliases("web")
    .withCopyContentToContainer([{ content: "copied", target: "/copied" }])
    .withHealthCheck({ test: ["CMD-SHELL", "true"], interval: 200, timeout: 5000, retries: 3 })
    .withWaitStrategy(Wait.forAll([Wait.forLogMessage("ready"), Wait.forListeningPorts(), Wait.forHealthCheck()]))
    .start();
  expect(await (await fetch(`http://${web.getHost()}:${web.getMappedPort(80)}/`)).text()).toBe("hello\n");
  expect((await web.exec(["cat", "/copied"])).output).toBe("copied");
  const context = join(served.directory, "testcontainers");
  mkdirSync(context);
  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nRUN echo built > /built\n");
  const image = await GenericContainer.fromDockerfile(context).build("testcontainers:1", { deleteOnExit: false });
  await GenericContainer.fromDockerfile(context).withBuildkit().build("testcontainers:2", { deleteOnExit: false });
  const built = await image.withCommand(["sleep", "1000"]).withNetwork(network).start();
  expect((await built.exec(["sh", "-c", "cat /built; wget -q -O - http://web/"])).output).toBe("built\nhello\n");
  await Promise.all([web.stop({ timeout: 0 }), built.stop({ timeout: 0 })]);
  await network.stop();
  await served.ok(["rmi", "testcontainers:1", "testcontainers:2"]);
});

test("docker's library for Python", async (context) => {
  const python = programOrSkip(context, "python3");
  const script = new URL("../testdata/clients/library.py", import.meta.url).pathname;
  expect((await served.ok([script], { program: python })).split("\n")).toEqual([
    "ping True 1.51",
    "run b'hello\\n'",
    "failed 3 b'bad\\n'",
    "exec ExecResult(exit_code=4, output=(b'out\\n', b'err\\n'))",
    "typed b'typed\\n'",
    "log b'one\\n'",
    "lines [b'a\\n', b'b\\n']",
    "stats True",
    "archive word 5 2048",
    "build ['python:1'] {'a': 'b'}",
    "limits ['[Warning] a build is not limited: without effect are memory, memswap, cpushares, cpusetcpus\\n']",
    "build failed The command '/bin/sh -c exit 5' returned a non-zero code: 5",
    "missing No such image: no-such-image:1",
    "networks ['bridge', 'python']",
    "wait {'StatusCode': 137}",
    "left 0",
    "",
  ]);
});

test("docker-compose: built, up, entered, run, down", async (context) => {
  const program = programOrSkip(context, "docker-compose");
  const port = await freePort();
  const project = join(served.directory, "project");
  mkdirSync(project);
  writeFileSync(join(project, "Dockerfile"), "FROM busybox\nRUN mkdir /www && echo hello > /www/index.html\n");
  const loop = "trap 'exit 0' TERM; while true; do sleep 0.2; done";
  const services = {
    web: { build: ".", command: ["httpd", "-f", "-p", "80", "-h", "/www"], ports: [`127.0.0.1:${port}:80`], depends_on: ["db"] },
    db: { image: "busybox", command: ["sh", "-c", `echo db up; ${loop}`], volumes: ["data:/data"], stop_grace_period: "1s" },
  };
  writeFileSync(join(project, "docker-compose.yml"), JSON.stringify({ version: "3.8", services, volumes: { data: {} } }));
  const compose = (...words: string[]) =>
    served.ok(["--project-directory", project, "-f", join(project, "docker-compose.yml"), "-p", "proj", ...words], { program });
  await compose("up", "-d", "--build");
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello\n");
  expect(await compose("exec", "-T", "web", "ping", "-c", "1", "-q", "db")).toContain("1 packets received");
  expect(await compose("run", "--rm", "--no-deps", "web", "echo", "from run")).toBe("from run\n");
  await compose("down", "-v", "-t", "1", "--rmi", "local");
  expect(await served.ok(["ps", "-aq"])).toBe("");
  expect(await served.ok(["volume", "ls", "-q"])).toBe("");
});
