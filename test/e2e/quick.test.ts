/** Which of the two programs behind the launcher runs a command line, and that nobody can tell. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openHouse } from "../../engine/house.ts";
import { Driver, launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { outcomeOf, Program } from "./program.ts";

let program: Program;
let work: string;

beforeAll(async () => {
  program = new Program();
  work = mkdtempSync(join(tmpdir(), "berth-quick-"));
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["run", "-d", "--name", "stays", "busybox", "sleep", "1000"]);
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await program[Symbol.asyncDispose]();
});

/** What a process is executing, once that is no shell any more. */
const imageOf = (pid: number) =>
  eventually(() => {
    const image = readlinkSync(`/proc/${pid}/exe`);
    expect(basename(image)).toMatch(/^(berth|node)$/);
    return basename(image);
  });

async function runnerOf(args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(launcher, args, { env: { ...process.env, ...program.env, ...env }, stdio: "ignore" });
  try {
    return await imageOf(child.pid!);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

test.each([
  ["wait", "stays"],
  ["logs", "-f", "stays"],
  ["container", "wait", "stays"],
  ["--json", "wait", "stays"],
])("the quick executable runs: %s %s", async (...args) => {
  expect(await runnerOf(args)).toBe("berth");
  expect(await runnerOf(args, { BERTH_QUICK: "0" })).toBe("node");
});

test.each([["events"], ["repl"], ["stats", "stays"], ["--root", "/nowhere", "events"]])("Node runs: %s", async (...args) => {
  expect(await runnerOf(args)).toBe("node");
});

test("what the launcher cannot know is handed over: a terminal, the long name of a command, an image that is not there", async () => {
  const env = { ...program.env };
  await using session = new Driver(["exec", "--tty=true", "-i", "stays", "sh"], { env });
  await session.screen.waitFor((text) => text.includes("/ #"));
  expect(await imageOf(session.pid)).toBe("node");
  session.type("exit 5\r");
  expect(await session.exited).toBe(5);
  writeFileSync(join(work, "file"), "content\n");
  await program.ok(["container", "cp", join(work, "file"), "stays:/copied"]);
  expect(await program.ok(["exec", "stays", "cat", "/copied"])).toBe("content\n");
  const { status, stderr } = await program.run(["run", "--rm", "127.0.0.1:1/no/such", "true"]);
  expect(status).toBe(125);
  expect(stderr.match(/Unable to find image/g)).toHaveLength(1);
});

test.each(["1", "0"])("the same words, bytes and statuses (BERTH_QUICK=%s)", async (quick) => {
  const env = { ...process.env, ...program.env, BERTH_QUICK: quick };
  const line = async (args: string[], stdout: number | "pipe" = "pipe") => {
    const child = spawn(launcher, args, { env, stdio: ["pipe", stdout, "pipe"] });
    child.stdin!.end("input\n");
    return outcomeOf(child);
  };
  expect(await line(["exec", "-i", "stays", "sh", "-c", "cat; echo wrong >&2; exit 3"])).toEqual({
    status: 3,
    stdout: "input\n",
    stderr: "wrong\n",
  });
  expect(await line(["run", "--rm", "-i", "busybox", "sh", "-c", "cat; echo wrong >&2; exit 3"])).toEqual({
    status: 3,
    stdout: "input\n",
    stderr: "wrong\n",
  });
  expect(await line(["exec", "stays", "nosuch"])).toMatchObject({ status: 127, stderr: expect.stringContaining("nosuch") });
  expect(await line(["ps", "--format", "{{.Names}} {{.State}}"])).toEqual({ status: 0, stdout: "stays running\n", stderr: "" });
  expect((await line(["ps", "--nosuch"])).stderr).toBe("berth: unknown flag: --nosuch\nhint: see 'berth ps --help'\n");
  // Into a file all has been written when the process has ended.
  for (const args of [
    ["exec", "stays"],
    ["run", "--rm", "busybox"],
  ]) {
    const file = join(work, "output");
    expect(await line([...args, "head", "-c", "20000000", "/dev/zero"], openSync(file, "w"))).toMatchObject({ status: 0 });
    expect(statSync(file).size).toBe(20_000_000);
  }
  expect((await line(["ps"], openSync("/dev/full", "w"))).status).toBe(1);
});

test.each([
  'print x; print a "b  c" $((1 + 2)); print $nosuch',
  "print before; inspect nosuch",
  "let all = images; print ${all.length}; images | where .Size > 5 | json .Size; exit 5",
  'func twice(a) { return $((a * 2)) }; for i in 1..3 { let n = twice $i; print $n; defer print late }; assert $n == 7 else "it is $n"',
  "try { inspect nosuch } catch e { print $e ${e.code} }; expect inspect stays .State.Running == true; expect fails ps",
  "print 'unclosed",
])("a session that only looks says the same in both: %s", async (text) => {
  for (const words of [["repl"], ["--json", "repl"]]) {
    const [quick, node] = await Promise.all(
      ["1", "0"].map((quick) => program.run([...words, "-c", text], { env: { BERTH_QUICK: quick } })),
    );
    const timeless = (outcome: object) => JSON.stringify(outcome).replaceAll(/\\"ms\\":[\d.]+/g, "");
    expect(timeless(quick!)).toBe(timeless(node!));
  }
});

test("a session in Node loads the core and the language before its first line, and nothing else", async () => {
  const cache = join(work, "cache");
  const env = { XDG_CACHE_HOME: cache, BERTH_QUICK: "0" };
  expect(await program.run(["repl", "-c", "sleep 1ms; print x"], { env })).toEqual({ status: 0, stdout: "x\n", stderr: "" });
  const chunks = readdirSync(join(cache, "berth/code")).map((name) => name.split("-")[0]);
  expect(chunks.sort()).toEqual(["core", "session"]);
});

test("where the system lets nothing be compiled at run time, the quick executable ends as it should", async () => {
  const statusOf = async (...args: string[]) => {
    const env = { ...process.env, ...program.env, BUN_JSC_useJIT: "0" };
    const { status, stdout } = await outcomeOf(spawn(launcher, args, { env, stdio: ["ignore", "pipe", "pipe"] }));
    return { status, stdout };
  };
  expect(await statusOf("ps", "--format", "{{.Names}}")).toEqual({ status: 0, stdout: "stays\n" });
  expect(await statusOf("exec", "stays", "sh", "-c", "echo words; exit 3")).toEqual({ status: 3, stdout: "words\n" });
  expect(await statusOf("ps", "--nosuch")).toEqual({ status: 125, stdout: "" });
});

test("what the launcher tells the quick executable is for that process alone", async () => {
  const told = ["BUN_JSC_useJIT", "MIMALLOC_ALLOW_THP", "MIMALLOC_PURGE_DELAY"];
  const said = await program.ok(["exec", ...told.flatMap((name) => ["-e", name]), "stays", "env"]);
  expect(told.filter((name) => said.includes(name))).toEqual([]);
});

test("the quick executable leaves the database's log to the next, unless something is to last", async () => {
  const log = join(program.root, "berth.db-wal");
  await program.ok(["exec", "stays", "true"]);
  await program.ok(["run", "--rm", "busybox", "true"]);
  expect(statSync(log).size).toBeGreaterThan(0);
  await program.ok(["ps"]);
  expect(statSync(log).size).toBeGreaterThan(0);
  expect(
    await program.ok(["events", "--since", "10m", "--until", "0s", "--filter", "event=exec_die", "--format", "{{.Action}}"]),
  ).toContain("exec_die");
  await program.ok(["exec", "stays", "true"]);
  await program.ok(["volume", "create", "lasting"]);
  expect(existsSync(log)).toBe(false);
});

test("a build is the quick executable's while the cache has the answers, and Node's as soon as something is made", async () => {
  const context = join(work, "context");
  mkdirSync(context);
  writeFileSync(join(context, "file"), "content\n");
  const dockerfile = (command: string) =>
    writeFileSync(join(context, "Dockerfile"), `FROM busybox AS one\nCOPY file /\nRUN ${command}\nFROM busybox\nCOPY --from=one /made /\n`);
  const build = (...args: string[]) =>
    spawn(launcher, ["build", "-t", "built", ...args, context], {
      env: { ...process.env, ...program.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const builds = async () => {
    await using engine = openHouse({ root: program.root });
    return (await engine.builder.list()).map(({ Status }) => Status);
  };

  dockerfile("cp /file /made; sleep 1000");
  const long = build();
  await eventually(() => expect(basename(readlinkSync(`/proc/${long.pid}/exe`))).toBe("node"));
  await eventually(async () => expect(await builds()).toEqual(["running"]));
  long.kill("SIGTERM");
  expect(await outcomeOf(long)).toMatchObject({ status: 143 });

  dockerfile("cp /file /made");
  const first = await outcomeOf(build());
  expect(first).toMatchObject({ status: 0, stderr: expect.stringMatching(/#\d+ \[one 3\/3\] RUN cp \/file \/made\n#\d+ DONE/) });
  expect(first.stderr.match(/load build definition/g)).toHaveLength(1);

  const fifo = join(work, "iid"); // whoever writes it waits here, and can be looked at
  execFileSync("mkfifo", [fifo]);
  const again = build("-q", "--iidfile", fifo);
  expect(await imageOf(again.pid!)).toBe("berth");
  const id = readFileSync(fifo, "utf8");
  expect(await outcomeOf(again)).toEqual({ status: 0, stdout: `${id}\n`, stderr: "" });
  expect(await builds()).toEqual(["completed", "completed", "cancelled"]);

  const cached = await outcomeOf(build());
  const node = await program.run(["build", "-t", "built", context], { env: { BERTH_QUICK: "0" } });
  const untimed = (text: string) => text.replaceAll(/ DONE [\d.]+s/g, " DONE");
  expect(untimed(cached.stderr)).toBe(untimed(node.stderr));

  writeFileSync(join(context, "file"), "changed\n");
  expect(await outcomeOf(build("-q"))).toMatchObject({ status: 0 });
  expect(await program.ok(["run", "--rm", "built", "cat", "/made"])).toBe("changed\n");

  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nNONSENSE\n");
  const outcomes = [await outcomeOf(build()), await program.run(["build", "-t", "built", context], { env: { BERTH_QUICK: "0" } })];
  expect(outcomes[0]).toEqual(outcomes[1]);
  expect(outcomes[0]).toMatchObject({ status: 1, stderr: expect.stringContaining("NONSENSE") });
  expect((await builds())[0]).toBe("failed");
});

test("nothing in the working directory changes what berth does", async () => {
  const cwd = join(work, "strange");
  mkdirSync(cwd);
  writeFileSync(join(cwd, ".env"), "BERTH_ROOT=/nowhere\nBERTH_RUNTIME=/nowhere\n");
  writeFileSync(join(cwd, "bunfig.toml"), 'preload = ["./preload.js"]\n');
  writeFileSync(join(cwd, "preload.js"), 'throw new Error("preloaded")');
  writeFileSync(join(cwd, "package.json"), "{ no JSON");
  writeFileSync(join(cwd, "tsconfig.json"), "{ no JSON");
  const { BERTH_ROOT: _, ...env } = program.env;
  const child = spawn(launcher, ["info", "--format", "{{.DockerRootDir}}"], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: "pipe",
  });
  expect(await outcomeOf(child)).toEqual({ status: 0, stdout: "/var/lib/berth\n", stderr: "" });
});

test("what is started for later finds its way back: the end of a container, its health", async () => {
  await program.ok(["run", "-d", "--rm", "--name", "short", "busybox", "true"]);
  await eventually(async () => expect(await program.ok(["ps", "-a", "--format", "{{.Names}}"])).toBe("stays\n"));
  await program.ok(["run", "-d", "--name", "healthy", "--health-cmd", "true", "--health-interval", "100ms", "busybox", "sleep", "1000"]);
  await eventually(async () => expect(await program.ok(["inspect", "-f", "{{.State.Health.Status}}", "healthy"])).toBe("healthy\n"));
  await program.ok(["rm", "-f", "healthy"]);
});

test("the launcher is found through a symlink, and its own name does not matter", async () => {
  const link = join(work, "b");
  symlinkSync(launcher, link);
  const child = spawn(link, ["ps", "-q"], { env: { ...process.env, ...program.env }, stdio: ["ignore", "pipe", "pipe"] });
  expect(await outcomeOf(child)).toEqual({ status: 0, stdout: expect.stringMatching(/^[0-9a-f]{12}\n$/), stderr: "" });
});

test("what comes through a pipe of the shell is read once, by the program that needs it", async () => {
  const line = (text: string) =>
    outcomeOf(
      spawn("bash", ["-c", text], {
        env: { ...process.env, ...program.env, BERTH: launcher, WORK: work },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  const piped = '<(printf "FROM busybox\nRUN --mount=type=secret,id=s cat /run/secrets/s\n")';
  expect(await line(`exec "$BERTH" build --progress plain --secret id=s,src=<(echo piped) -f ${piped} "$WORK"`)).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/ piped\n/),
  });
  expect(await line('exec "$BERTH" run --rm --env-file <(echo A=piped) busybox env')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^A=piped$/m),
  });
});
