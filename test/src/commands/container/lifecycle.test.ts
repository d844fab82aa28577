/** create, run, start, stop, kill, wait, rename, update, restart, rm, prune, ps: one container's life on the command line. */
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execute } from "../../../../src/commands/execute.ts";
import { eventually } from "../../../support/eventually.ts";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

test("run passes output, status and environment on", async () => {
  const { berth } = scene;
  const run = await berth("run", "--rm", "-e", "X=1", "-w", "/tmp", "-u", "1000", "busybox", "sh", "-c", "echo $X; pwd; id -u; exit 7");
  expect(run).toMatchObject({ status: 7, text: "1\n/tmp\n1000" });
  expect(await scene.text("ps", "-aq")).toBe("");
});

test("run's own failures are 125, 126 and 127, and leave nothing of --rm behind", async () => {
  const { error } = scene;
  const missing = await error("run", "--rm", "busybox", "nosuch");
  expect(missing).toMatchObject({ exit: 127, message: 'cannot start the container: exec: "nosuch": executable file not found in $PATH' });
  expect(await error("run", "--rm", "busybox", "/etc")).toMatchObject({ exit: 126 });
  expect(await error("run", "--rm", "--pull", "never", "nosuch", "true")).toMatchObject({
    exit: 125,
    message: "No such image: nosuch:latest",
  });
  expect(await error("run", "--rm", "--nosuch", "busybox")).toMatchObject({ exit: 125, message: "unknown flag: --nosuch" });
  for (const words of [["-d"], ["--rm"], []])
    expect(await error("run", ...words, "--volumes-from", "nosuch", "busybox", "true"), words.join()).toMatchObject({ exit: 125 });
  expect(await scene.text("ps", "-aq")).toBe("");
});

test("a name server at the container's own loopback address: a warning, of the first", async () => {
  const warnings = async (...words: string[]) => {
    const io = { streams: { stdout: new PassThrough(), stderr: new PassThrough() }, confirm: async () => false, cwd: "/", env: {} };
    const events = await Array.fromAsync(execute({ engine: scene.engine, io, signal: new AbortController().signal }, words));
    return events.flatMap((event) => (event.type === "warning" ? [event.text] : []));
  };
  const told = ["Localhost DNS setting (--dns=127.0.0.53) may fail in containers."];
  expect(await warnings("run", "--rm", "--dns", "1.1.1.1", "--dns", "127.0.0.53", "--dns", "::1", "busybox", "true")).toEqual(told);
  expect(await warnings("create", "--rm", "--name", "local", "--dns", "127.0.0.53", "busybox")).toEqual(told);
  expect(await warnings("run", "--rm", "--dns", "1.1.1.1", "busybox", "true")).toEqual([]);
  await scene.text("rm", "local");
});

test("start and restart go in the order given: what comes first may be what the next one needs", async () => {
  const { berth, error, text } = scene;
  await berth("run", "-d", "--name", "lender", "busybox", "sleep", "1000");
  const guests = ["early", "later", "last"];
  for (const name of guests) await text("create", "--name", name, "--network", "container:lender", "busybox", "sleep", "1000");
  await text("stop", "-t", "0", "lender");
  const failure = await error("start", "early", "lender", "later", "last");
  expect(failure.message).toBe(
    "cannot join network namespace of a non running container: lender\nberth: failed to start containers: early",
  );
  expect(await text("ps", "--format", "{{.Names}}")).toBe("last\nlater\nlender");
  await text("stop", "-t", "0", "lender", "later", "last");
  expect(await text("restart", "-t", "0", "lender", "early", "later")).toBe("lender\nearly\nlater");
  await text("rm", "-f", "lender", ...guests);
});

test("a container cannot join its own network", async () => {
  expect(await scene.error("run", "--name", "own", "--network", "container:own", "busybox", "true")).toMatchObject({
    exit: 125,
    message: "cannot join own network",
  });
  await scene.text("rm", "own");
});

test("what a line names is looked for before anything is made", async () => {
  const refused: [string[], string][] = [
    [["--runtime", "nosuch"], "unknown or invalid runtime name: nosuch"],
    [["--pid", "container:nosuch"], "No such container: nosuch"],
    [["--ipc", "container:nosuch"], "No such container: nosuch"],
    [["--log-driver", "none", "--log-opt", "max-size=1m"], "invalid logging opts for driver none"],
  ];
  for (const [flags, message] of refused) expect((await scene.error("create", ...flags, "busybox")).message).toBe(message);
  const keys = await scene.error("run", "--rm", "--detach-keys", "meta-x", "busybox", "true");
  expect(keys).toMatchObject({ exit: 125, message: expect.stringContaining("Invalid escape keys (meta-x) provided") });
  expect(await scene.error("run", "--rm", "busybox", "")).toMatchObject({ exit: 127 });
  expect(await scene.text("ps", "-aq")).toBe("");
});

test("a new volume upon /etc has the files that berth mounts there, and may be read-only", async () => {
  const names = (...mount: string[]) =>
    scene.text("run", "--rm", ...mount, "busybox", "sh", "-c", "cd /etc && ls hosts hostname resolv.conf");
  expect(await names("-v", "settings:/etc:ro")).toBe("hostname\nhosts\nresolv.conf");
  expect(await names("-v", "/etc")).toBe("hostname\nhosts\nresolv.conf");
  await scene.text("volume", "rm", "settings");
  const file = new URL(import.meta.url).pathname;
  expect((await scene.error("run", "--rm", "-v", `${file}:/etc`, "busybox", "true")).message).toContain("a directory onto a file");
});

test("what looks like the runtime's own line is shown when the process wrote it", async () => {
  const { status, text } = await scene.berth("run", "--rm", "busybox", "sh", "-c", "echo 'runc run failed: no' >&2; exit 3");
  expect({ status, text }).toEqual({ status: 3, text: "runc run failed: no" });
});

test("a container lives, is renamed, limited, restarted and dies", async () => {
  const { berth, error, text } = scene;
  const { text: id } = await berth("run", "-d", "--name", "life", "-l", "tier=web", "busybox", "sleep", "1000");
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(await text("ps", "--format", '{{.Names}} {{.State}} {{.Label "tier"}}')).toBe("life running web");
  expect((await error("run", "--name", "life", "busybox", "true")).message).toContain('The container name "/life" is already in use');
  expect(await text("rename", "life", "lived")).toBe("");
  expect(await text("update", "--memory", "64m", "lived")).toBe("lived");
  expect(await text("inspect", "-f", "{{.HostConfig.Memory}}", "lived")).toBe(String(64 << 20));
  expect(await text("pause", "lived")).toBe("lived");
  expect(await text("ps", "-f", "status=paused", "-q")).toBe(id.slice(0, 12));
  expect((await error("rm", "lived")).message).toBe('cannot remove container "lived": container is paused and must be unpaused first');
  for (const ref of ["lived", id])
    expect((await error("exec", ref, "true")).message).toBe(`Container ${ref} is paused, unpause the container before exec`);
  expect(await text("unpause", "lived")).toBe("lived");
  const notPaused = { code: "conflict", message: `Container ${id} is not paused` };
  expect(await error("unpause", "lived")).toMatchObject({ ...notPaused, hint: "it runs: there is nothing to unpause" });
  expect((await error("rm", "lived")).message).toBe(
    'cannot remove container "lived": container is running: stop the container before removing or force remove',
  );
  expect(await scene.error("ps", "-f", "is-task=maybe")).toMatchObject({ exit: 1, message: "invalid filter 'is-task=[maybe]'" });
  expect((await error("kill", "-s", "NONE", "lived")).message).toBe("cannot kill container: lived: invalid signal: NONE");
  expect(await text("restart", "-t", "0", "lived")).toBe("lived");
  expect(await text("kill", "lived")).toBe("lived");
  expect(await text("wait", "lived")).toBe("137");
  expect((await error("kill", "lived")).message).toBe(`cannot kill container: lived: container ${id} is not running`);
  expect(await error("unpause", "lived")).toMatchObject({ ...notPaused, hint: "it does not run: start it with 'berth start lived'" });
  expect(await text("rm", "lived")).toBe("lived");
});

test("wait reports each status; start -a shows the output again", async () => {
  const { berth, text } = scene;
  await text("run", "-d", "--name", "five", "busybox", "sh", "-c", "echo said; exit 5");
  await text("create", "--name", "idle", "busybox", "true");
  expect(await text("wait", "five", "five")).toBe("5\n5");
  expect(await berth("start", "-a", "five")).toMatchObject({ status: 5, text: "said" });
  expect(await text("ps", "-a", "-f", "exited=5", "--format", "{{.Names}}")).toBe("five");
  expect(await text("ps", "-a", "-f", "status=created", "--format", "{{.Names}}")).toBe("idle");
  expect(await text("ps", "-a", "-f", "name=^fi", "-f", "ancestor=busybox", "--format", "{{.Names}}")).toBe("five");
  expect(await text("ps", "-a", "-f", "before=idle", "--format", "{{.Names}}")).toBe("five");
  expect(await text("ps", "-a", "-f", "since=five", "--format", "{{.Names}}")).toBe("idle");
  expect(await text("container", "prune", "-f")).toMatch(/^Deleted Containers:\n([0-9a-f]{64}\n){2}\nTotal reclaimed space: /);
});

test("filters and templates that make no sense are refused before anything is done", async () => {
  const { error } = scene;
  expect((await error("ps", "-f", "bogus=1")).message).toBe("invalid filter 'bogus'");
  expect((await error("ps", "-a", "-f", "status=bogus")).message).toContain("invalid filter 'status=bogus'");
  expect(await error("ps", "--format", "{{.Names")).toMatchObject({ exit: 1 });
  expect(await error("inspect", "-f", "{{nosuch .}}", "nosuch")).toMatchObject({ exit: 64 });
});

test("rm tries all, names what it removed and fails for the rest; -f only mentions what is missing", async () => {
  const { berth, error, text } = scene;
  await text("create", "--name", "here", "busybox", "true");
  expect((await error("rm", "gone1", "gone2", "here")).message).toBe("No such container: gone1\nberth: No such container: gone2");
  expect(await text("ps", "-aq")).toBe("");
  await text("create", "--name", "here", "busybox", "true");
  expect(await berth("rm", "-f", "gone", "here")).toMatchObject({ status: 0, text: "here" });
});

test("an image for another machine is not taken for the one asked for", async () => {
  const failure = await scene.error("run", "--rm", "--pull", "never", "--platform", "linux/s390x", "busybox", "true");
  expect(failure).toMatchObject({ exit: 125, message: expect.stringContaining("does not match the specified platform (linux/s390x)") });
  expect(await scene.error("run", "--rm", "--platform", "toaster", "busybox", "true")).toMatchObject({ exit: 125 });
});

test("create, rename and update end with 1 where the engine refuses", async () => {
  await scene.text("create", "--name", "first", "busybox");
  expect(await scene.error("create", "--name", "first", "busybox")).toMatchObject({ exit: 1, code: "conflict" });
  expect(await scene.error("rename", "first", "*")).toMatchObject({ exit: 1 });
  expect(await scene.error("rename", "first", "")).toMatchObject({ exit: 1, message: "Neither old nor new names may be empty" });
  expect(await scene.error("update", "--cpus", "1000", "first")).toMatchObject({
    exit: 1,
    message: expect.stringMatching(/^range of CPUs/),
  });
  expect(await scene.error("update", "-m", "1m", "first")).toMatchObject({ exit: 1 });
  await scene.text("rm", "first");
});

test("what cannot be started is named by run -d; start ends with 1", async () => {
  const lines = scene.berth("run", "-d", "--name", "stillborn", "busybox", "nothing-like-it");
  await expect(lines).rejects.toMatchObject({ exit: 127 });
  for (const verb of ["start", "restart"]) expect(await scene.error(verb, "stillborn")).toMatchObject({ exit: 1 });
  expect(await scene.text("ps", "-a", "-f", "name=stillborn", "--format", "{{.Status}}")).toBe("Created");
  await scene.text("rm", "stillborn");
});

test("a flag that berth has not says why; one without meaning here is taken", async () => {
  expect(await scene.error("run", "--rm", "--gpus", "all", "busybox", "true")).toMatchObject({ exit: 125, code: "unsupported" });
  expect(await scene.error("run", "--rm", "--isolation", "hyperv", "busybox", "true")).toMatchObject({ exit: 125 });
  await scene.text("run", "--rm", "--isolation", "default", "--disable-content-trust=false", "busybox", "true");
});

test("nothing below /proc and /sys is hidden with systempaths=unconfined", async () => {
  const count = "grep -c ' /proc/' /proc/self/mountinfo";
  expect(await scene.text("run", "--rm", "--security-opt", "systempaths=unconfined", "busybox", "sh", "-c", `${count} || true`)).toBe("0");
});

test("--cidfile is written once, and never over another file", async () => {
  const { error, session, text } = scene;
  const file = `${session.io.cwd}/cid`;
  await text("run", "--rm", "--cidfile", file, "busybox", "true");
  expect((await error("run", "--rm", "--cidfile", file, "busybox", "true")).exit).toBe(125);
});

test("kill --process signals one of the container's processes, and nobody else's", async () => {
  const { berth, error, text } = scene;
  await berth("run", "-d", "--name", "many", "busybox", "sh", "-c", "sleep 1000 & sleep 2000 & wait");
  const pids = async () =>
    (await scene.engine.containers.top("many", ["-eo", "pid,args"])).Processes.map(([pid = "", args = ""]) => [args, pid] as const);
  await eventually(async () => expect(await pids()).toHaveLength(3));
  const before = new Map(await pids());
  await berth("kill", "-s", "TERM", "--process", before.get("sleep 1000")!, "many");
  await eventually(async () => expect((await pids()).map(([args]) => args)).not.toContain("sleep 1000"));
  expect((await pids()).map(([args]) => args)).toContain("sleep 2000");
  expect(await text("ps", "--format", "{{.Names}}")).toBe("many");
  for (const pid of [String(process.pid), before.get("sleep 1000")!])
    expect(await error("kill", "-s", "TERM", "--process", pid, "many")).toMatchObject({
      code: "not-found",
      message: `cannot signal process ${pid}: container "many" has no such process`,
    });
  expect(await error("kill", "--process", "-1", "many")).toMatchObject({ code: "usage" });
  const first = (await scene.engine.containers.inspect("many")).State.Pid;
  await berth("kill", "--process", String(first), "many");
  expect(await text("ps", "-a", "--filter", "name=many", "--format", "{{.State}}")).toBe("exited");
  await berth("rm", "many");
});
