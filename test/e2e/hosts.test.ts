/** The engine of another host through the built program: every day's verbs, sessions at a terminal, projects, ways to name the host. */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Driver, launcher } from "../support/driver.ts";
import { processesNaming } from "../support/leaks.ts";
import { startOwnRegistry } from "../support/own-registry.ts";
import { Program } from "./program.ts";
import { Served } from "./served.ts";

/** The host, and the program that asks it, with a state of its own in which there is nothing. */
let host: Served;
let here: Program;
let address: string;

beforeAll(async () => {
  host = await new Served().open();
  address = `unix://${host.socket}`;
  here = new Program({ DOCKER_CONFIG: host.directory });
});
afterAll(async () => {
  await here[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const there = (...words: string[]) => here.run(["-H", address, ...words]);
const ok = (...words: string[]) => here.ok(["-H", address, ...words]);

describe("every day's verbs", () => {
  test("run, ps, logs, exec, inspect, stop, rm: over there, and nothing here", async () => {
    expect(await ok("run", "--rm", "busybox", "echo", "words")).toBe("words\n");
    await ok("run", "-d", "--name", "web", "busybox", "sh", "-c", "echo begun; sleep 1000");
    expect(await ok("ps", "--format", "{{.Names}} {{.Image}}")).toBe("web busybox\n");
    expect(await here.ok(["-H", "local", "ps", "-aq"])).toBe("");
    expect(await host.berth.ok(["ps", "--format", "{{.Names}}"])).toBe("web\n");
    expect(await ok("logs", "web")).toBe("begun\n");
    expect(await ok("inspect", "-f", "{{.State.Status}}", "web")).toBe("running\n");
    expect(await there("exec", "web", "sh", "-c", "echo out; echo bad >&2; exit 7")).toEqual({
      status: 7,
      stdout: "out\n",
      stderr: "bad\n",
    });
    expect((await here.run(["-H", address, "exec", "-i", "web", "cat"], { input: "typed\n" })).stdout).toBe("typed\n");
    await ok("stop", "-t", "0", "web");
    expect(await ok("ps", "-a", "--format", "{{.State}}")).toBe("exited\n");
    await ok("rm", "web");
  });

  test("statuses and words of failures are docker's", async () => {
    expect(await there("run", "--rm", "busybox", "sh", "-c", "exit 5")).toMatchObject({ status: 5 });
    const missing = await there("run", "--rm", "busybox", "no-such-program");
    expect(missing).toMatchObject({ status: 127, stdout: "", stderr: expect.stringContaining("executable file not found") });
    expect(missing.stderr.match(/executable file not found/g)).toHaveLength(1);
    expect(await there("rm", "nobody")).toMatchObject({ status: 1, stderr: expect.stringContaining("No such container: nobody") });
    expect(await ok("ps", "-aq")).toBe("");
  });

  test("images go to a registry and come from it with this user's credentials, which that host does not have", async () => {
    await using registry = await startOwnRegistry({ password: true });
    const image = `${registry.host}/mine:1`;
    const mine = join(host.directory, "mine");
    const auth = (words: string) => ({ auths: { [registry.host]: { auth: Buffer.from(words).toString("base64") } } });
    const as = (words: string | undefined, ...line: string[]) => {
      mkdirSync(mine, { recursive: true });
      writeFileSync(join(mine, "config.json"), JSON.stringify(words === undefined ? {} : auth(words)));
      return here.run(["-H", address, ...line], { env: { DOCKER_CONFIG: mine } });
    };
    await ok("tag", "busybox", image);
    for (const wrong of [undefined, "user:wrong"]) {
      expect(await as(wrong, "push", image)).toMatchObject({ status: 1, stderr: expect.stringContaining("berth login") });
      expect(await as(wrong, "pull", image)).toMatchObject({ status: 1, stderr: expect.stringContaining("berth login") });
    }
    expect(await as("user:secret", "push", image)).toMatchObject({ status: 0, stderr: expect.stringMatching(/digest: sha256:/) });
    const id = await ok("images", "-q", "--no-trunc", image);
    await ok("rmi", image);
    expect(await as("user:secret", "pull", image)).toMatchObject({ status: 0 });
    expect(await ok("images", "-q", "--no-trunc", image)).toBe(id);
    await ok("rmi", image);
  });

  test("nothing of much output is lost, and nothing of much input", async () => {
    // Less than what a log holds: whoever reads more slowly than it turns over is told what was missed.
    const words = ["run", "--rm", "-i", "busybox", "sh", "-c", "tee /dev/stderr"];
    const input = Buffer.alloc(2 << 20, "0123456789abcdef\n").toString();
    const { stdout, stderr, status } = await here.run(["-H", address, ...words], { input });
    const sum = (text: string) => createHash("sha256").update(text).digest("hex");
    expect([status, stdout.length, stderr.length]).toEqual([0, input.length, input.length]);
    expect([sum(stdout), sum(stderr)]).toEqual([sum(input), sum(input)]);
  });

  test("files go there and come back; a directory here is built there", async () => {
    const directory = join(host.directory, "context");
    mkdirSync(join(directory, "sub"), { recursive: true });
    writeFileSync(join(directory, "Dockerfile"), "FROM busybox\nCOPY . /made\nRUN test ! -e /made/left-out && ls /made\n");
    writeFileSync(join(directory, "sub/word"), "hello\n");
    writeFileSync(join(directory, "left-out"), "x");
    writeFileSync(join(directory, ".dockerignore"), "left-out\n");
    await ok("build", "-t", "made", directory);
    expect(await ok("run", "--name", "files", "made", "cat", "/made/sub/word")).toBe("hello\n");
    await ok("cp", "files:/made", join(host.directory, "copy"));
    expect(readFileSync(join(host.directory, "copy/sub/word"), "utf8")).toBe("hello\n");
    await ok("cp", join(host.directory, "copy"), "files:/tmp");
    expect(await ok("cp", "files:/tmp/copy/sub/word", "-")).toContain("hello\n");
    await ok("rm", "files");
    const faulty = await here.run(["-H", address, "build", "-"], { input: "FROM busybox\nCOPPY a b\n" });
    expect(faulty).toMatchObject({ status: 1, stderr: expect.stringContaining("Dockerfile:2:1") });
  });

  test("a project comes up and goes down", async () => {
    const file = join(host.directory, "compose.yaml");
    writeFileSync(
      file,
      "name: shop\nservices:\n  web:\n    image: busybox\n    command: sh -c 'echo served; sleep 1000'\n    stop_grace_period: 0s\n",
    );
    await ok("compose", "-f", file, "up", "-d");
    expect(await ok("compose", "-f", file, "ps", "--format", "{{.Service}} {{.State}}")).toBe("web running\n");
    await expect.poll(() => ok("compose", "-f", file, "logs", "--no-log-prefix", "web"), { timeout: 20_000 }).toContain("served");
    await ok("compose", "-f", file, "down");
    expect(await ok("ps", "-aq")).toBe("");
  });
});

test("at a terminal: a shell over there, of this size, left by its keys", async () => {
  await using driver = new Driver(["-H", address, "run", "-it", "--name", "shell", "busybox", "sh"], {
    env: here.env,
    columns: 90,
    rows: 20,
  });
  await driver.screen.waitFor("/ #");
  driver.type("stty size; echo done\r");
  await driver.screen.waitFor("20 90");
  driver.type("\x10\x11");
  await driver.exited;
  expect(await ok("ps", "--format", "{{.Names}}")).toBe("shell\n");
  await using again = new Driver(["-H", address, "exec", "-it", "shell", "sh"], { env: here.env });
  await again.screen.waitFor("/ #");
  again.type("exit 3\r");
  expect(await again.exited).toBe(3);
  await ok("rm", "-f", "shell");
});

describe("ways to name the host", () => {
  const names = ["image", "ls", "--format", "{{.Repository}}"];

  test("by variables, by a context, by ssh", async () => {
    const seen = async (env: Record<string, string>, ...words: string[]) => (await here.run([...words, ...names], { env })).stdout;
    const root = here.env["BERTH_ROOT"]!;
    expect(await seen({ BERTH_HOST: address })).toContain("busybox");
    expect(await seen({ DOCKER_HOST: address })).toBe(""); // BERTH_ROOT is closer
    expect(await seen({ DOCKER_HOST: address, BERTH_ROOT: "" })).toContain("busybox");
    expect(await seen({ DOCKER_HOST: address, BERTH_ROOT: "" }, "--root", root)).toBe("");
    await here.ok(["context", "create", "there", "--docker", `host=${address}`]);
    expect(await seen({}, "-c", "there")).toContain("busybox");
    await here.ok(["context", "use", "there"]);
    expect(await seen({ BERTH_ROOT: "" })).toContain("busybox");
    expect(await seen({ BERTH_HOST: "local" })).toBe("");
    await here.ok(["context", "rm", "-f", "there"]);
  });

  test("by ssh, where there is berth and no docker", async () => {
    const programs = join(host.directory, "bin");
    mkdirSync(programs);
    const script = (name: string, text: string) => {
      writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(programs, name), 0o755);
    };
    script("ssh", 'while [ "$1" != -- ]; do shift; done; shift 2; exec "$@"');
    script("docker", "exit 127");
    script("berth", `BERTH_ROOT=${host.berth.root} exec ${launcher} "$@"`);
    const env = { PATH: `${programs}:${process.env["PATH"]}` };
    expect((await here.run(["-H", "ssh://me@build", ...names], { env })).stdout).toContain("busybox");
    const ran = await here.run(["-H", "ssh://me@build", "run", "--rm", "-i", "busybox", "sh", "-c", "cat; exit 6"], {
      env,
      input: "typed\n",
    });
    expect(ran).toEqual({ status: 6, stdout: "typed\n", stderr: "" });
    await ok("run", "-d", "--name", "held", "busybox", "sleep", "1000");
    expect(await here.run(["-H", "ssh://me@build", "exec", "held", "sh", "-c", "exit 4"], { env })).toMatchObject({ status: 4 });
    await ok("rm", "-f", "held");
    // All its connections have met one server, which would end by itself a minute later.
    const servers = processesNaming(host.berth.root).filter((line) => line.includes("dial.sock"));
    expect(servers).toHaveLength(1);
    for (const line of servers) process.kill(Number(line.split(" ")[0]), "SIGTERM");
  });

  test("one that is not there is said so, with the way back when nobody has typed it", async () => {
    const gone = await here.run(["ps"], { env: { DOCKER_HOST: "unix:///no/such.sock", BERTH_ROOT: "" } });
    expect(gone).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('cannot reach "unix:///no/such.sock": there is no such socket'),
    });
    expect(gone.stderr).toContain("$DOCKER_HOST names this host: 'berth -H local …' is this machine's own engine");
  });

  test("what is about this machine stays here", async () => {
    expect(await there("doctor")).toMatchObject({ status: 125, stderr: expect.stringContaining("about this machine") });
    expect((await here.run(["doctor"], { env: { BERTH_HOST: "unix:///no/such.sock" } })).stderr).not.toContain("no/such.sock");
    expect(await there("image", "layers", "busybox")).toMatchObject({ stderr: expect.stringContaining("Docker's API does not tell") });
  });
});
