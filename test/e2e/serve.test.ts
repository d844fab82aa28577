/** `berth serve` under docker's own command line (Debian's docker.io): its everyday verbs, unmodified, over the built program. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import { Driver, launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { processesNaming } from "../support/leaks.ts";
import { freePort } from "../support/ports.ts";
import { startRegistry } from "../support/registry.ts";
import { busyboxTar, dockerClient } from "../support/rootfs.ts";
import { Served } from "./served.ts";

const docker = dockerClient();
const served = new Served();
const { berth, directory, socket, env, api } = served;
const run = (args: readonly string[], input = "") => served.run(args, { input });
const ok = (args: readonly string[], input = "") => served.ok(args, { input });

beforeAll(async () => {
  await served.open();
});
afterAll(() => served[Symbol.asyncDispose]());

test("the socket is its owner's and the group's", () => {
  const { mode, uid, gid } = statSync(socket);
  expect([mode & 0o777, uid, gid]).toEqual([0o660, 0, 0]);
});

test("version and info", async () => {
  expect(await ok(["version", "--format", "{{.Client.APIVersion}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}}"])).toBe(
    "1.41 1.51 1.24\n",
  );
  expect(await ok(["info", "--format", "{{.OSType}} {{.Driver}} {{.Swarm.LocalNodeState}}"])).toBe("linux overlay inactive\n");
  // What docker's command line says of a host that forwards nothing yet.
  expect((await run(["info"])).stderr.replace("WARNING: IPv4 forwarding is disabled\n", "")).toBe("");
});

test("run in the foreground: streams, status, removal", async () => {
  const line = ["run", "--rm", "-i", "busybox", "sh", "-c", "cat; echo bad >&2; exit 3"];
  expect(await run(line, "word\n")).toMatchObject({ status: 3, stdout: "word\n", stderr: "bad\n" });
  expect(await ok(["ps", "-aq"])).toBe("");
  const missing = await run(["run", "--rm", "busybox", "no-such-program"]);
  expect([missing.status, missing.stderr]).toEqual([127, expect.stringContaining("executable file not found")]);
  expect(await ok(["ps", "-aq"])).toBe("");
});

test("run on a terminal, with its size, detached by keys and attached again", async () => {
  await using shell = new Driver(["run", "-it", "--name", "terminal", "busybox"], { program: docker, env, columns: 100, rows: 30 });
  await shell.screen.waitFor("/ #");
  shell.type("stty size\r");
  await shell.screen.waitFor("30 100");
  shell.type("\x10\x11");
  expect(await shell.exited).toBe(0);
  expect(await ok(["ps", "--format", "{{.Names}} {{.Image}}"])).toBe("terminal busybox\n");
  await using again = new Driver(["attach", "terminal"], { program: docker, env, columns: 90, rows: 20 });
  again.type("\rstty size\r");
  await again.screen.waitFor("20 90");
  again.type("exit 4\r");
  expect(await again.exited).toBe(4);
  await ok(["rm", "terminal"]);
});

test("a server in the background: port, logs, exec, cp, inspect, stats, top, diff, rename, pause, update, kill", async () => {
  const port = await freePort();
  const command = "mkdir /www; echo hello > /www/index.html; echo started; echo careful >&2; exec httpd -f -p 80 -h /www";
  const id = (
    await ok([
      "run",
      "-d",
      "--name",
      "web",
      "-p",
      `127.0.0.1:${port}:80`,
      "-l",
      "mark=x",
      "--log-opt",
      "labels=mark",
      "busybox",
      "sh",
      "-c",
      command,
    ])
  ).trim();
  await eventually(async () => expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello\n"));
  expect(await ok(["port", "web"])).toBe(`80/tcp -> 127.0.0.1:${port}\n`);
  expect(await run(["logs", "web"])).toEqual({ status: 0, stdout: "started\n", stderr: "careful\n" });
  expect(await run(["logs", "--details", "web"])).toEqual({ status: 0, stdout: "mark=x started\n", stderr: "mark=x careful\n" });
  expect((await run(["logs", "-t", "--tail", "1", "--since", "1h", "web"])).stderr).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z careful\n$/);
  expect(await run(["exec", "-i", "-e", "A=1", "-w", "/tmp", "web", "sh", "-c", "cat; echo $A $PWD; exit 7"], "in\n")).toMatchObject({
    status: 7,
    stdout: "in\n1 /tmp\n",
  });
  expect((await run(["exec", "web", "no-such-program"])).status).toBe(127);
  await ok(["exec", "-d", "web", "touch", "/by-exec"]);
  await eventually(async () => expect(await ok(["diff", "web"])).toContain("A /by-exec\n"));
  writeFileSync(join(directory, "word"), "word\n");
  await ok(["cp", join(directory, "word"), "web:/tmp/"]);
  await ok(["cp", "web:/tmp/word", join(directory, "back")]);
  expect(readFileSync(join(directory, "back"), "utf8")).toBe("word\n");
  expect(await ok(["inspect", "-f", "{{.Name}} {{.State.Status}} {{.Config.Labels.mark}} {{.HostConfig.NetworkMode}}", "web"])).toBe(
    "/web running x bridge\n",
  );
  // httpd has a child for as long as a connection is kept.
  await eventually(async () => expect(await ok(["stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", "web"])).toBe("web 1\n"));
  expect(await ok(["top", "web"])).toContain("httpd -f");
  await ok(["rename", "web", "site"]);
  await ok(["pause", "site"]);
  expect(await ok(["ps", "--format", "{{.Names}} {{.Status}}"])).toMatch(/^site Up .* \(Paused\)\n$/);
  await ok(["unpause", "site"]);
  await ok(["update", "--memory", "64m", "--memory-swap", "64m", "site"]);
  expect(await ok(["inspect", "-f", "{{.HostConfig.Memory}}", id])).toBe("67108864\n");
  await ok(["kill", "site"]);
  expect(await ok(["wait", "site"])).toBe("137\n");
  await ok(["start", "site"]);
  await ok(["stop", "-t", "0", "site"]);
  expect((await run(["stop", "site"])).status).toBe(0);
  await ok(["rm", "site"]);
});

test("logs and events are followed, and what the command line does is heard at once", async () => {
  await using events = new Driver(["events", "--format", "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}"], { program: docker, env });
  await ok([
    "run",
    "-d",
    "--name",
    "talker",
    "busybox",
    "sh",
    "-c",
    "trap 'exit 0' TERM; n=0; while true; do echo line $((n=n+1)); sleep 0.2; done",
  ]);
  await events.screen.waitFor("container start talker");
  await using logs = new Driver(["logs", "-f", "talker"], { program: docker, env });
  await logs.screen.waitFor("line 3");
  await berth.ok(["stop", "talker"]);
  await events.screen.waitFor("container die talker");
  expect(await logs.exited).toBe(0);
  await ok(["rm", "talker"]);
  await events.screen.waitFor("container destroy talker");
});

test("images: built of a context, told about, named, saved, loaded, imported, committed, removed", async () => {
  const context = join(directory, "context");
  mkdirSync(context);
  writeFileSync(join(context, "word"), "word\n");
  writeFileSync(join(context, "Dockerfile"), 'FROM busybox\nARG V=1\nCOPY word /\nRUN echo building $V; cat /word\nCMD ["cat", "/word"]\n');
  const built = await ok(["build", "-t", "app:1", "--build-arg", "V=9", "--label", "a=b", context]);
  expect(built).toMatch(
    /Step \d+\/\d+ : RUN echo building[\s\S]*\nbuilding 9\nword\n[\s\S]*Successfully built [0-9a-f]{12}\nSuccessfully tagged app:1\n$/,
  );
  expect(await ok(["build", "-t", "app:1", "--build-arg", "V=9", "--label", "a=b", context])).toContain(" ---> Using cache\n");
  expect(await ok(["build", "-q", "--build-arg", "V=9", "--label", "a=b", context])).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(await ok(["run", "--rm", "app:1"])).toBe("word\n");
  expect(await ok(["inspect", "-f", "{{.Config.Labels.a}}", "app:1"])).toBe("b\n");
  expect(await ok(["history", "--format", "{{.CreatedBy}}", "app:1"])).toMatch(/^CMD \["cat" "\/word"\]\n/);
  const failed = await run(["build", "-"], "FROM busybox\nRUN exit 7\n");
  expect([failed.status, failed.stderr]).toEqual([7, "The command '/bin/sh -c exit 7' returned a non-zero code: 7\n"]);
  expect((await run(["build", "-"], "FROM busybox\nRUNN x\n")).stderr).toContain("dockerfile parse error on line 2: unknown instruction");
  await ok(["tag", "app:1", "app:2"]);
  expect(await ok(["rmi", "app:2"])).toBe("Untagged: app:2\n");
  const archive = join(directory, "app.tar");
  await ok(["save", "-o", archive, "app:1"]);
  await ok(["rmi", "app:1"]);
  expect(await ok(["load", "-i", archive])).toContain("Loaded image: app:1\n");
  expect(await ok(["import", busyboxTar(), "imported:1"])).toMatch(/^sha256:/);
  await ok(["run", "--name", "changed", "busybox", "touch", "/new"]);
  await ok(["commit", "-m", "new", "-c", 'CMD ["ls", "/new"]', "changed", "committed:1"]);
  await ok(["rm", "changed"]);
  expect(await ok(["run", "--rm", "committed:1"])).toBe("/new\n");
  expect((await ok(["images", "--format", "{{.Repository}}:{{.Tag}}"])).split("\n")).toEqual(
    expect.arrayContaining(["app:1", "imported:1", "committed:1", "busybox:latest"]),
  );
  await ok(["rmi", "app:1", "imported:1", "committed:1"]);
});

test("images come from a registry and go to one, with the credentials of the client", async () => {
  await using registry = await startRegistry({ password: true });
  const name = `${registry.host}/team/box:1`;
  await ok(["tag", "busybox", name]);
  const refused = await run(["push", name]);
  expect(refused.status).toBe(1);
  expect((await run(["login", "-u", "user", "--password-stdin", registry.host], "wrong")).status).toBe(1);
  expect(await ok(["login", "-u", "user", "--password-stdin", registry.host], "secret")).toContain("Login Succeeded");
  expect(await ok(["push", name])).toMatch(/digest: sha256:[0-9a-f]{64} size: \d+/);
  await ok(["rmi", name]);
  const pulled = await ok(["pull", name]);
  expect(pulled).toMatch(/^1: Pulling from team\/box\n[\s\S]*Digest: sha256:[0-9a-f]{64}\nStatus: Downloaded newer image for/);
  expect((await api.get(`/distribution/${name}/json`)).status).toBe(404);
  const auth = Buffer.from(JSON.stringify({ username: "user", password: "secret" })).toString("base64url");
  const { json } = await api.call("GET", `/distribution/${name}/json`, undefined, { "x-registry-auth": auth });
  expect(json).toMatchObject({ Descriptor: { digest: expect.stringMatching(/^sha256:/) }, Platforms: [{ os: "linux" }] });
  await ok(["build", "-q", "--pull", "-"], `FROM ${name}\n`);
  await ok(["logout", registry.host]);
  const missing = await run(["run", "--rm", `${registry.host}/no/such`]);
  expect([missing.status, missing.stderr]).toEqual([125, expect.stringContaining("Unable to find image")]);
  await ok(["rmi", "-f", name]);
});

test("a build ends when its client goes", async () => {
  const child = spawn(docker, ["build", "-"], { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.end("FROM busybox\nRUN echo begun; sleep 98765\n");
  await new Promise<void>((resolve) => child.stdout.on("data", (text: Buffer) => text.includes("begun\n") && resolve()));
  child.kill("SIGKILL");
  await eventually(() => expect(processesNaming("sleep 98765")).toEqual([]));
});

test("networks, volumes, and what takes space", async () => {
  await ok(["network", "create", "--subnet", "10.95.7.0/24", "--label", "a=b", "lan"]);
  await ok(["volume", "create", "data"]);
  await ok(["run", "-d", "--name", "one", "--network", "lan", "--network-alias", "first", "-v", "data:/data", "busybox", "sleep", "1000"]);
  expect(
    await ok(["run", "--rm", "--network", "lan", "-v", "data:/data", "busybox", "sh", "-c", "echo x > /data/x; ping -c 1 -q first"]),
  ).toContain("1 packets received");
  expect(await ok(["network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}} {{range .Containers}}{{.Name}}{{end}}", "lan"])).toBe(
    "10.95.7.0/24 one\n",
  );
  await ok(["network", "connect", "bridge", "one"]);
  expect(await ok(["inspect", "-f", "{{len .NetworkSettings.Networks}}", "one"])).toBe("2\n");
  await ok(["network", "disconnect", "lan", "one"]);
  expect(await ok(["volume", "ls", "-q", "--filter", "name=data"])).toBe("data\n");
  expect((await run(["volume", "rm", "data"])).status).toBe(1);
  expect(await ok(["system", "df"])).toMatch(/Images +\d+ +1 +[\d.]+MB[\s\S]*Containers +1 +1[\s\S]*Local Volumes +1 +1[\s\S]*Build Cache/);
  expect(await ok(["system", "df", "-v"])).toMatch(/busybox +latest[^\n]*1\.98\d*MB/);
  await ok(["rm", "-f", "one"]);
  await ok(["network", "rm", "lan"]);
  expect(await ok(["volume", "rm", "data"])).toBe("data\n");
  expect((await run(["node", "ls"])).stderr).toContain("not a swarm manager");
});

test("200 at once are attached, and each gets all of it", async () => {
  const { json } = await api.post("/containers/create", { Image: "busybox", Cmd: ["sh", "-c", "for i in 1 2 3; do echo $i; done"] });
  const attached = Array.from({ length: 200 }, () => api.upgrade(`/containers/${json.Id}/attach?stream=1&stdout=1&stderr=1`));
  await Promise.all(attached.map((each) => each.until(({ head }) => head.includes("101"))));
  await api.post(`/containers/${json.Id}/start`);
  await Promise.all(attached.map((each) => each.closed));
  const all = attached.map(({ frames }) => frames.map((frame) => frame.replace("stdout: ", "")).join(""));
  expect(new Set(all)).toEqual(new Set(["1\n2\n3\n"]));
  await ok(["rm", json.Id]);
});

test("a reader that stops holds up neither the container nor the server's memory", async () => {
  const { json } = await api.post("/containers/create", { Image: "busybox", Cmd: ["sh", "-c", "yes 0123456789abcdef | head -c 20000000"] });
  const attached = api.upgrade(`/containers/${json.Id}/attach?stream=1&stdout=1`);
  await attached.until(({ head }) => head.includes("101"));
  attached.socket.pause();
  const before = residentOf(served.server.pid!);
  await api.post(`/containers/${json.Id}/start`);
  expect(await ok(["wait", json.Id])).toBe("0\n");
  expect(residentOf(served.server.pid!) - before).toBeLessThan(15_000_000);
  attached.socket.destroy();
  await ok(["rm", json.Id]);
});

test("when nobody asks it gives memory back", async () => {
  await eventually(() => expect(residentOf(served.server.pid!)).toBeLessThan(60_000_000), 60_000);
});

/** Bytes. */
function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

test("kill -9 of the server leaves containers as they are; a new server, and two at once, serve them", async () => {
  await ok(["run", "-d", "--name", "survivor", "busybox", "sleep", "1000"]);
  served.server.kill("SIGKILL");
  await eventually(() => expect(served.server.signalCode).toBe("SIGKILL"));
  expect(await berth.ok(["ps", "--format", "{{.Names}}"])).toBe("survivor\n");
  await served.serve();
  expect(await ok(["ps", "--format", "{{.Names}}"])).toBe("survivor\n");
  const refused = await berth.run(["serve", `unix://${socket}`]);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("another server answers there")]);
  const second = served.start(`unix://${socket}2`);
  await eventually(() => expect(existsSync(`${socket}2`)).toBe(true));
  expect((await new ApiClient(`${socket}2`).post("/containers/survivor/kill")).status).toBe(204);
  expect(await ok(["wait", "survivor"])).toBe("137\n");
  second.kill("SIGTERM");
  await eventually(() => expect(second.exitCode).toBe(143));
  expect(existsSync(`${socket}2`)).toBe(false);
  await ok(["rm", "survivor"]);
});

test("systemd's socket is served, and the server ends when nobody asks; its units are written", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  const { fd } = (holder as unknown as { _handle: { fd: number } })._handle;
  const words = ["-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" serve --idle 500ms fd://', launcher];
  const activated = spawn("sh", words, { env: { ...process.env, ...berth.env }, stdio: ["ignore", "ignore", "ignore", fd] });
  holder.close(); // the socket lives on in the other process
  expect(await (await fetch(`http://127.0.0.1:${port}/_ping`, { headers: { connection: "close" } })).text()).toBe("OK");
  await eventually(() => expect(activated.exitCode).toBe(0));
  const units = join(directory, "units");
  await berth.ok(["serve", `--install=${units}`, "--group", "docker", "unix:///run/own.sock"]);
  expect(readFileSync(join(units, "berth.socket"), "utf8")).toMatch(
    /^ListenStream=\/run\/own\.sock$[\s\S]*^SocketMode=0660$[\s\S]*^SocketGroup=docker$/m,
  );
  expect(readFileSync(join(units, "berth.service"), "utf8")).toMatch(
    new RegExp(`^ExecStart=.*"--root" "${berth.root}" "serve" "fd://"$`, "m"),
  );
});

test("a port needs certificates, or a word that says otherwise", async () => {
  const refused = await berth.run(["serve", "tcp://127.0.0.1:0"]);
  expect([refused.status, refused.stderr]).toEqual([125, expect.stringContaining("root on this host")]);
  expect((await berth.run(["serve", "http://localhost"])).stderr).toContain("it is no address");
  expect((await berth.run(["serve", "fd://"])).stderr).toContain("systemd has handed over no socket");
  expect((await berth.run(["serve", "--group", "no-such-group", `unix://${socket}3`])).stderr).toContain('no such group: "no-such-group"');
});
