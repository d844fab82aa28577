/**
 * The way out: what a command writes arrives whole, whatever it is written to and however slowly that is read, or the
 * command says that it did not. In both programs, Node's and the quick one.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, createReadStream, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bind } from "../../engine/sys/libc.ts";
import { makePipe } from "../../engine/sys/pipe.ts";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const timeout = 300_000;
/** <fcntl.h> */
const F_SETPIPE_SZ = 1031;

let program: Program;
let work: string;

beforeAll(async () => {
  program = new Program();
  work = mkdtempSync(join(tmpdir(), "berth-output-"));
  mkdirSync(join(work, "context"));
  writeFileSync(join(work, "context/Dockerfile"), "FROM busybox\nRUN seq 100000 > /numbers\n");
  await program.ok(["import", busyboxTar(), "busybox"]);
  // Long lists: of containers' environments, of files, of events.
  const long = ["-e", `LONG=${"x".repeat(100_000)}`];
  await program.ok(["run", "--name", "big", ...long, "busybox", "sh", "-c", "seq 60000; mkdir /many; cd /many; seq 3000 | xargs touch"]);
  await program.ok(["build", "-q", join(work, "context")]); // what is measured below comes from the cache
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await program[Symbol.asyncDispose]();
});

interface End {
  status: number | NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

function start(args: readonly string[], stdout: number | "pipe", stderr: number | "pipe", quick: boolean): ChildProcess {
  const env = { ...process.env, ...program.env, ...(!quick && { BERTH_QUICK: "0" }) };
  return spawn(launcher, args, { env, cwd: work, stdio: ["ignore", stdout, stderr] });
}

async function endOf(child: ChildProcess): Promise<End["status"]> {
  const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal ?? status;
}

/** Length and sum of what comes, in small pieces, others' turns between them. */
async function sumOf(stream: Readable): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    await nextTurn();
  }
  return `${bytes} ${hash.digest("hex")}`;
}

function shrink(pipe: number): void {
  bind<(fd: number, command: number, value: number) => number>("int fcntl(int fd, int command, int value)")(pipe, F_SETPIPE_SZ, 4096);
}

/** A pipe of 4 kB, read in pieces of 4 kB. */
function smallPipe(): { end: number; sum: Promise<string> } {
  const [from, end] = makePipe();
  shrink(end);
  return { end, sum: sumOf(createReadStream("", { fd: from, highWaterMark: 4096 })) };
}

async function intoPipes(args: readonly string[], quick: boolean): Promise<End> {
  const [stdout, stderr] = [smallPipe(), smallPipe()];
  const child = start(args, stdout.end, stderr.end, quick);
  for (const { end } of [stdout, stderr]) closeSync(end);
  const [status, out, err] = await Promise.all([endOf(child), stdout.sum, stderr.sum]);
  return { status, stdout: out, stderr: err };
}

/** A FIFO of 4 kB that has a name. Both ends are there before anybody writes: neither open waits. */
function namedPipe(): { path: string; end: number; sum: Promise<string> } {
  const path = join(work, `fifo-${count++}`);
  execFileSync("mkfifo", [path]);
  const both = openSync(path, "r+");
  shrink(both);
  const sum = sumOf(createReadStream("", { fd: openSync(path, "r"), highWaterMark: 4096 }));
  const end = openSync(path, "w");
  closeSync(both);
  return { path, end, sum };
}
let count = 0;

async function intoFifo(args: readonly string[], quick: boolean): Promise<End> {
  const [stdout, stderr] = [namedPipe(), namedPipe()];
  const child = start(args, stdout.end, stderr.end, quick);
  for (const { end } of [stdout, stderr]) closeSync(end);
  const [status, out, err] = await Promise.all([endOf(child), stdout.sum, stderr.sum]);
  return { status, stdout: out, stderr: err };
}

async function intoFile(args: readonly string[], quick: boolean): Promise<End> {
  const paths = [join(work, "stdout"), join(work, "stderr")];
  const [stdout = 1, stderr = 2] = paths.map((path) => openSync(path, "w"));
  const status = await endOf(start(args, stdout, stderr, quick));
  for (const fd of [stdout, stderr]) closeSync(fd);
  const [out = "", err = ""] = await Promise.all(paths.map((path) => sumOf(createReadStream(path))));
  return { status, stdout: out, stderr: err };
}

async function intoSocket(args: readonly string[], quick: boolean): Promise<End> {
  const child = start(args, "pipe", "pipe", quick); // Node's pipes are sockets
  const [status, stdout, stderr] = await Promise.all([endOf(child), sumOf(child.stdout!), sumOf(child.stderr!)]);
  return { status, stdout, stderr };
}

/** What a reader gets who takes 4 kB each second, out of a pipe of 4 kB. */
async function drip(args: readonly string[], quick: boolean): Promise<{ status: End["status"]; text: string }> {
  const [from, end] = makePipe();
  shrink(end);
  const child = start(args, end, "pipe", quick);
  closeSync(end);
  const status = endOf(child);
  let text = "";
  for await (const chunk of createReadStream("", { fd: from, highWaterMark: 4096 }) as AsyncIterable<Buffer>) {
    text += chunk.toString();
    await delay(1000);
  }
  return { status: await status, text };
}

/** Every command with more than a little to say: 40 kB or more, so that a pipe of 4 kB is full most of the time. */
const lines: [string, string[]][] = [
  ["export", ["export", "big"]],
  ["save", ["save", "busybox"]],
  ["cp", ["cp", "big:/bin", "-"]],
  ["build -o -", ["build", "-q", "-o", "-", "context"]],
  ["logs", ["logs", "big"]],
  ["logs -t", ["logs", "-t", "big"]],
  ["logs -f", ["logs", "-f", "big"]],
  ["diff", ["diff", "big"]],
  ["inspect", ["inspect", "big"]],
  ["inspect --format", ["inspect", "--format", "{{json .Config.Env}}", "big"]],
  ["--json", ["--json", "inspect", "big"]],
  ["events", ["events", "--since", "1h", "--until", "0s", "--filter", "container=big", "--format", `{{.Action}}${"x".repeat(20_000)}`]],
  ["help", ["help", "run"]],
  ["a session", ["repl", "-c", "logs big\nprint after"]],
  ["a session's program", ["repl", "-c", "logs big | cat\nprint after"]],
];
/** What the launcher gives to Node in any case. */
const ofNode = ["export", "save", "cp", "build", "events", "repl"];
const programs: [string, boolean, typeof lines][] = [
  ["quick", true, lines],
  ["Node", false, lines.filter(([, [command = ""]]) => !ofNode.includes(command))],
];

describe.each(programs)("%s", (_, quick, lines) => {
  test.each(lines)("%s arrives whole in pipes, FIFOs and sockets", { timeout }, async (_name, args) => {
    const whole = await intoFile(args, quick);
    expect(whole.status).toBe(0);
    expect(Number.parseInt(whole.stdout, 10)).toBeGreaterThan(4096);
    expect(await intoPipes(args, quick)).toEqual(whole);
    expect(await intoFifo(args, quick)).toEqual(whole);
    expect(await intoSocket(args, quick)).toEqual(whole);
  });

  test.each(lines)("%s fails when its output is full", { timeout }, async (_name, args) => {
    const full = openSync("/dev/full", "w");
    const child = start(args, full, "pipe", quick);
    closeSync(full);
    let said = "";
    child.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
    expect(await endOf(child)).toBe(1);
    expect(said).toMatch(/cannot write to standard output: ENOSPC|cat: write error: No space left/);
  });

  test.each(lines)("%s ends without a word when nobody reads on", { timeout }, async (_name, args) => {
    const [from, end] = makePipe();
    closeSync(from);
    const child = start(args, end, "pipe", quick);
    closeSync(end);
    let said = "";
    child.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
    expect(await endOf(child)).toBe(141);
    expect(said).toBe("");
  });

  const streaming = [
    ["run --rm", ["run", "--rm", "busybox"]],
    ["run", ["run", "busybox"]],
    ["exec", ["exec", "host"]],
  ] as const;
  test.each(streaming)("both streams of %s arrive to the last byte", { timeout }, async (_name, words) => {
    await program.run(["run", "-d", "--name", "host", "busybox", "sleep", "1000"]);
    const text = execFileSync("seq", ["30000"]);
    const sum = `${text.length} ${createHash("sha256").update(text).digest("hex")}`;
    for (let round = 0; round < 3; round++) {
      const end = await intoPipes([...words, "sh", "-c", "seq 30000 & seq 30000 >&2; wait"], quick);
      expect(end).toEqual({ status: 0, stdout: sum, stderr: sum });
    }
  });

  test("a reader of 4 kB a second gets all of run, exec, start -a and logs", { timeout }, async () => {
    await program.run(["run", "-d", "--name", "host", "busybox", "sleep", "1000"]);
    const text = execFileSync("seq", ["3600"]).toString(); // four pipes full
    await program.ok(["run", "--name", `slow-${quick}`, "busybox", "seq", "3600"]);
    await program.ok(["create", "--name", `slower-${quick}`, "busybox", "seq", "3600"]);
    const calls = ["run --rm busybox seq 3600", "exec host seq 3600", `start -a slower-${quick}`, `logs slow-${quick}`];
    const got = await Promise.all(calls.map((each) => drip(each.split(" "), quick)));
    expect(got).toEqual(got.map(() => ({ status: 0, text })));
  });

  test("start -a and logs -f give all that comes", { timeout }, async () => {
    const name = `again-${quick}`;
    await program.ok(["create", "--name", name, "busybox", "seq", "30000"]);
    const text = execFileSync("seq", ["30000"]);
    const sum = `${text.length} ${createHash("sha256").update(text).digest("hex")}`;
    const following = intoPipes(["logs", "-f", name], quick);
    expect(await intoPipes(["start", "-a", name], quick)).toMatchObject({ status: 0, stdout: sum });
    expect(await following).toMatchObject({ status: 0, stdout: sum });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s ends a command whose reader has stopped", { timeout }, async (signal) => {
    const child = start(["logs", "big"], "pipe", "pipe", quick);
    const status = endOf(child);
    // Its thread writes, and the socket's buffer is full: it waits for a reader.
    await eventually(() => expect(isBlocked(child.pid!)).toBe(true));
    child.kill(signal);
    expect([130, 143, "SIGINT", "SIGTERM"]).toContain(await status);
  });
});

/** The runtime has no part in what flows: of the second one it is enough that every pipe on the way is full many times over. */
describe.each([
  ["100 MB", "crun", 100_000_000],
  ["10 MB", "runc", 10_000_000],
])("%s reach a reader who takes 4 kB at a time, with %s", (_, runtime, size) => {
  // Whoever is late reads the log: it must hold all of it.
  const given = () => ["--runtime", runtime, "--log-opt", "max-size=-1", "-v", `${work}:/data:ro`, "busybox"];
  const cat = ["cat", `/data/large-${size}`];
  const late = ["sh", "-c", `read go; ${cat.join(" ")}`];
  let whole: Omit<End, "stderr">;

  beforeAll(async () => {
    const file = join(work, `large-${size}`);
    execFileSync("sh", ["-c", 'head -c "$0" /dev/urandom > "$1"', String(size), file]);
    whole = { status: 0, stdout: await sumOf(createReadStream(file)) };
    await program.ok(["run", "-d", "--name", `large-${runtime}`, ...given(), "sleep", "1000"]);
    await program.ok(["create", "--name", `kept-${runtime}`, ...given(), ...cat]);
  });

  const direct: [string, () => string[]][] = [
    ["run --rm", () => ["run", "--rm", ...given(), ...cat]],
    ["run", () => ["run", ...given(), ...cat]],
    ["exec", () => ["exec", `large-${runtime}`, ...cat]],
    ["start -a", () => ["start", "-a", `kept-${runtime}`]],
    ["logs", () => ["logs", `kept-${runtime}`]],
  ];
  test.each(direct)("%s", { timeout }, async (_, line) => {
    expect(await intoPipes(line(), true)).toMatchObject(whole);
  });

  test("attach and logs -f, at the same time", { timeout }, async () => {
    const name = `late-${runtime}`;
    await program.ok(["run", "-d", "-i", "--name", name, ...given(), ...late]);
    const readers = [intoPipes(["attach", "--no-stdin", name], true), intoPipes(["logs", "-f", name], true)];
    await eventually(async () =>
      expect(await program.ok(["events", "--since", "1h", "--until", "0s", "-f", "event=attach", "-f", `container=${name}`])).not.toBe(""),
    );
    await program.run(["attach", name], { input: "go\n" });
    for (const reader of readers) expect(await reader).toMatchObject(whole);
  });
});

/** A thread waits in a system call for room in a socket. */
function isBlocked(pid: number): boolean {
  try {
    const tasks = execFileSync("sh", ["-c", `cat /proc/${pid}/task/*/wchan`]).toString();
    return /sock_alloc_send_pskb|unix_stream_sendmsg/.test(tasks);
  } catch {
    return false;
  }
}

test("a descriptor that somebody made non-blocking takes everything too", { timeout }, async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(join(work, "socket"), listening));
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const ours = connect(join(work, "socket"));
  await once(ours, "connect");
  const [theirs] = await accepted;
  const { fd } = (ours as unknown as { _handle: { fd: number } })._handle; // libuv's sockets are non-blocking
  const child = start(["logs", "big"], fd, "pipe", true);
  const sum = sumOf(theirs);
  const status = await endOf(child);
  ours.end();
  expect({ status, stdout: await sum }).toMatchObject({ status: 0, stdout: (await intoFile(["logs", "big"], true)).stdout });
  server.close();
});

test("a session's files hold everything, or the line fails", { timeout }, async () => {
  const whole = await intoFile(["logs", "big"], false);
  const file = join(work, "from-session");
  for (const line of [`logs big > ${file}`, `logs big | cat > ${file}`, `! cat ${join(work, "stdout")} > ${file}`]) {
    await program.ok(["repl", "-c", line]);
    expect(await sumOf(createReadStream(file))).toBe(whole.stdout);
  }
  const fifo = namedPipe();
  const written = program.ok(["repl", "-c", `logs big > ${fifo.path}`]);
  written.finally(() => closeSync(fifo.end));
  expect(await fifo.sum).toBe(whole.stdout);
  await written;
  await program.ok(["repl", "-c", `export big > ${file}`]);
  expect(await sumOf(createReadStream(file))).toBe((await intoFile(["export", "big"], false)).stdout);
  for (const line of ["logs big > /dev/full", "logs big | cat > /dev/full", "print x > /dev/full"]) {
    const { status, stderr } = await program.run(["repl", "-c", line]);
    expect({ line, status, stderr }).toMatchObject({
      line,
      status: 1,
      stderr: expect.stringContaining('cannot write to "/dev/full": ENOSPC'),
    });
  }
});

test("a variable holds all of an output, or the line fails", { timeout }, async () => {
  const { status, stderr } = await program.run(["repl", "-c", "let x = run --rm busybox head -c 20000000 /dev/zero"]);
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("larger than 16 MiB") });
});
