/** Bytes in and out of containers: many, intact, to many readers, whatever one of the readers does. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const MB = 1_000_000;
const timeout = 300_000;

let program: Program;
let work: string;
let output: { file: string; hash: string };
let input: { file: string; hash: string };

beforeAll(async () => {
  program = new Program();
  work = mkdtempSync(join(tmpdir(), "berth-streams-"));
  await program.ok(["import", busyboxTar(), "busybox"]);
  output = randomFile("output", 100);
  input = randomFile("input", 20);
});
/** One that hangs would hold this process's standard error after the test. */
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await program[Symbol.asyncDispose]();
});

function randomFile(name: string, megabytes: number) {
  const file = join(work, name);
  const hash = createHash("sha256");
  const fd = openSync(file, "w");
  for (let at = 0; at < megabytes; at++) {
    const block = randomBytes(MB);
    hash.update(block);
    writeSync(fd, block);
  }
  return { file, hash: hash.digest("hex") };
}

/** Starts berth; its standard output is hashed as it comes. */
function start(
  args: readonly string[],
  stdin?: string,
): { child: ChildProcess; received(count: number): Promise<void>; done: Promise<{ status: number | null; bytes: number; hash: string }> } {
  const env = { ...process.env, ...program.env };
  const child = spawn(launcher, args, { env, cwd: "/", stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "inherit"] });
  started.push(child);
  if (stdin !== undefined) createReadStream(stdin).pipe(child.stdin!);
  const hash = createHash("sha256");
  let bytes = 0;
  child.stdout!.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  const received = (count: number) => eventually(() => expect(bytes).toBe(count), 60_000);
  return {
    child,
    received,
    done: once(child, "close").then(([status]) => ({ status: status as number | null, bytes, hash: hash.digest("hex") })),
  };
}

const whole = () => ({ status: 0, bytes: 100 * MB, hash: output.hash });
/** A log that keeps all of it: without a word it has a limit. */
const logged = ["--log-opt", "max-size=-1"];
const held = () => ["-v", `${work}:/data:ro`, "--network", "none", "busybox"];

test("100 MB of output are intact through run --rm", { timeout }, async () => {
  expect(await start(["run", "--rm", ...held(), "cat", "/data/output"]).done).toEqual(whole());
});

test("100 MB of output are intact through run and logs", { timeout }, async () => {
  expect(await start(["run", "--name", "kept", ...logged, ...held(), "cat", "/data/output"]).done).toEqual(whole());
  expect(await start(["logs", "kept"]).done).toEqual(whole());
  await program.ok(["rm", "kept"]);
});

test("100 MB of output are intact through attach and logs -f", { timeout }, async () => {
  await program.ok(["run", "-d", "-i", "--name", "waiting", ...logged, ...held(), "sh", "-c", "read go; cat /data/output"]);
  const go = join(work, "go");
  writeFileSync(go, "go\n");
  const following = start(["logs", "-f", "waiting"]);
  expect(await start(["attach", "waiting"], go).done).toEqual(whole());
  expect(await following.done).toEqual(whole());
  await program.ok(["rm", "-f", "waiting"]);
});

test("20 MB of input are intact through run --rm -i, run -i, start -ai and exec -i", { timeout }, async () => {
  const sum = `${input.hash}  -\n`;
  const told = async (args: string[]) => {
    const { child, done } = start(args, input.file);
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => (text += chunk.toString()));
    expect((await done).status).toBe(0);
    return text;
  };
  expect(await told(["run", "--rm", "-i", ...held(), "sha256sum"])).toBe(sum);
  expect(await told(["run", "-i", "--name", "fed", ...held(), "sha256sum"])).toBe(sum);
  expect(await told(["start", "-a", "-i", "fed"])).toBe(sum);
  await program.ok(["rm", "fed"]);
  await program.ok(["run", "-d", "--name", "host", ...held(), "sleep", "1000"]);
  expect(await told(["exec", "-i", "host", "sha256sum"])).toBe(sum);
  await program.ok(["rm", "-f", "host"]);
});

test.each([
  ["without a terminal", []],
  ["with a terminal", ["-t"]],
])(
  "20 clients see the same bytes; one that was stopped holds up nobody, and gets all when it goes on: %s",
  {
    timeout,
  },
  async (_, tty) => {
    const name = tty.length > 0 ? "crowd-on-terminal" : "crowd";
    // A terminal in raw mode gives the bytes as they are.
    const script = `${tty.length > 0 ? "stty raw -echo; " : ""}mkfifo /tmp/go; cat /tmp/go; head -c 10000000 /data/output; echo > /tmp/done; sleep 1000`;
    await program.ok(["run", "-d", "-i", ...tty, "--name", name, ...held(), "sh", "-c", script]);
    const clients = Array.from({ length: 20 }, () => start(["attach", "--no-stdin", name]));
    await attached(name, 20);
    const [stalled, ...others] = clients;
    stalled!.child.kill("SIGSTOP");
    try {
      await program.ok(["exec", name, "sh", "-c", "until [ -p /tmp/go ]; do :; done; : > /tmp/go"]);
      for (const { received } of others) await received(10 * MB);
      expect(await program.ok(["exec", name, "ls", "/tmp/done"])).toBe("/tmp/done\n");
      stalled!.child.kill("SIGCONT");
      await stalled!.received(10 * MB);
      await program.ok(["rm", "-f", name]);
    } finally {
      for (const { child } of clients) child.kill("SIGKILL");
    }
    const expected = createHash("sha256")
      .update(readFileSync(output.file).subarray(0, 10 * MB))
      .digest("hex");
    for (const { done } of clients) expect(await done).toMatchObject({ bytes: 10 * MB, hash: expected });
  },
);

async function attached(name: string, count: number): Promise<void> {
  await eventually(async () => {
    const lines = await program.ok([
      "events",
      "--since",
      "1h",
      "--until",
      "0s",
      "-f",
      "event=attach",
      "-f",
      `container=${name}`,
      "--format",
      "{{.Action}}",
    ]);
    expect(lines.trim().split("\n")).toHaveLength(count);
  });
}

test("logs --tail 10 of a large log reads little of it, and all of it takes little memory", { timeout }, async () => {
  await program.ok(["run", "--name", "wordy", ...held(), "echo", "first"]);
  const id = (await program.ok(["ps", "-aq", "--no-trunc", "-f", "name=wordy"])).trim();
  const log = openSync(join(program.root, "containers", id, "ctr.log"), "a");
  const lines = Buffer.from(`2026-01-01T00:00:00.000000000+00:00 stdout F ${"x".repeat(100)}\n`.repeat(10_000));
  for (let at = 0; at < 150; at++) writeSync(log, lines);
  writeSync(log, "2026-01-01T00:00:01.000000000+00:00 stdout F last\n");
  const script = '"$0" --root "$1" logs --tail 10 wordy; grep rchar /proc/$$/io';
  const shown = execFileSync("sh", ["-c", script, launcher, program.root], { encoding: "utf8" }).split("\n");
  expect(shown.slice(0, 10)).toEqual([...Array.from({ length: 9 }, () => "x".repeat(100)), "last"]);
  const read = Number(/^rchar: (\d+)$/.exec(shown[10]!)![1]); // what the shell's children have read is added to its own
  expect(read).toBeLessThan(50 * MB);
  const { child, done } = start(["logs", "wordy"]);
  let peak = 0;
  child.stdout!.on("data", () => (peak = Math.max(peak, residentPeak(child.pid!))));
  expect((await done).bytes).toBe(150 * 10_000 * 101 + "first\nlast\n".length);
  expect(peak).toBeLessThan(150 * 1024);
  console.info(`logs --tail 10 of 220 MB: ${read} bytes read; logs of all: at most ${peak} kB resident`);
  await program.ok(["rm", "wordy"]);
});

/** kB */
function residentPeak(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // it ended
  }
}

test("a log partition that is full: the container goes on, and berth answers", { timeout }, async () => {
  await program.ok(["create", "--name", "loud", ...held(), "sh", "-c", "head -c 8000000 /data/output; echo done > /tmp/done; sleep 1000"]);
  const id = (await program.ok(["ps", "-aq", "--no-trunc", "-f", "name=loud"])).trim();
  const small = join(work, "small");
  execFileSync("mkdir", [small]);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1M", "none", small]);
  try {
    // The log alone is on the small disk.
    writeFileSync(join(small, "log"), "");
    const log = join(program.root, "containers", id, "ctr.log");
    writeFileSync(log, "");
    execFileSync("mount", ["--bind", join(small, "log"), log]);
    try {
      await program.ok(["start", "loud"]);
      await eventually(async () => expect((await program.run(["exec", "loud", "cat", "/tmp/done"])).stdout).toBe("done\n"), 30_000);
      expect(await program.ok(["ps", "--format", "{{.Names}}"])).toBe("loud\n");
      await program.ok(["stop", "-t", "0", "loud"]);
    } finally {
      execFileSync("umount", ["-l", log]);
    }
  } finally {
    execFileSync("umount", ["-l", small]);
  }
  await program.ok(["rm", "-f", "loud"]);
});
