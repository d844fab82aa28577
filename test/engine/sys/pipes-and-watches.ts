/** What the pipes and watches of the engine do, as one line of JSON: bun.test.ts runs it on Node and on Bun. */
import { createHash } from "node:crypto";
import { closeSync, readdirSync, writeSync } from "node:fs";
import { Readable } from "node:stream";
import { feedInput, spawnPiped } from "../../../engine/runtime/piped.ts";
import { spawnChild } from "../../../engine/sys/child.ts";
import { watchExit } from "../../../engine/sys/pidfd.ts";
import { makePipe, type Outflow, readEnd } from "../../../engine/sys/pipe.ts";

const shell = (script: string) =>
  spawnPiped(["pipe", "pipe", "pipe"], (streams) =>
    spawnChild("/bin/sh", ["-c", script], { argv0: "sh", env: { PATH: "/bin:/usr/bin" }, streams }),
  );

/** What it has of its parent, which ignores signals. */
const begins = `grep -E "^Sig(Blk|Ign)" /proc/$$/status; pwd; echo "$0 $KEY $HOME"; grep flags /proc/$$/fdinfo/0; echo to what is ignored >&0 && read word <&2 || exit 3`;

const digest = (data: Buffer) => createHash("sha256").update(data).digest("hex");
const buffer = async (from: Outflow) => {
  const chunks: Buffer[] = [];
  await from.pour(async (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
};
const text = async (from: Outflow) => String(await buffer(from));
const pause = () => new Promise((resolve) => setImmediate(resolve));

const cases: Record<string, () => Promise<unknown>> = {
  async output() {
    const { stdout, stderr, closed } = shell("head -c 5000000 /dev/zero; echo wrong >&2; exit 3");
    const [out, error] = await Promise.all([buffer(stdout!), text(stderr!)]);
    return { bytes: out.length, zero: out.every((byte) => byte === 0), error, status: await closed };
  },
  async input() {
    const data = Buffer.alloc(5_000_000, "input");
    const { stdin, stdout, closed } = shell("sha256sum | cut -d' ' -f1");
    feedInput(Readable.from([data.subarray(0, 10), data.subarray(10)]), stdin!);
    const sum = (await text(stdout!)).trim();
    return { same: sum === digest(data), status: await closed };
  },
  async "input that is not read"() {
    const { stdin, closed } = shell("exec <&-; exit 4");
    feedInput(Readable.from([Buffer.alloc(1_000_000)]), stdin!);
    return { status: await closed };
  },
  async "nobody listens"() {
    return { status: await shell("echo unheard; exit 5").closed };
  },
  /** The other end stays open: only who reads has lost interest. */
  async destroyed() {
    const [read, write] = makePipe();
    const stream = readEnd(read);
    writeSync(write, "first");
    const first = await new Promise((resolve) => void stream.pour(async (chunk) => resolve(String(chunk))));
    stream.destroy();
    const end = await stream.closed.then(() => "closed");
    let broken: string | undefined;
    for (const until = performance.now() + 10_000; !broken && performance.now() < until; await pause()) {
      try {
        writeSync(write, "more");
      } catch (error) {
        broken = (error as NodeJS.ErrnoException).code;
      }
    }
    closeSync(write);
    return { first, end, broken };
  },
  /** What is not read stays in the pipe, so that the writer waits. */
  async paused() {
    const { stdout, closed } = shell("head -c 50000000 /dev/zero");
    let seen = 0;
    const goOn = Promise.withResolvers<void>();
    const poured = stdout!.pour((chunk) => {
      seen += chunk.length;
      return goOn.promise;
    });
    // A second process that writes as much to somebody who reads has ended long after the first would have.
    const { stdout: other, closed: otherClosed } = shell("head -c 50000000 /dev/zero");
    other!.drain();
    await otherClosed;
    const held = seen < 10_000_000;
    goOn.resolve();
    await poured;
    return { held, status: await closed, bytes: seen };
  },
  async "a process that ends"() {
    const { child, stdin, closed } = shell("read line");
    let over = false;
    const end = watchExit(child.pid).then(() => (over = true));
    await pause();
    const before = over;
    stdin!.end("go\n");
    await end;
    return { before, state: await closed };
  },
  async "a watch that is given up"() {
    const { child, stdin, closed } = shell("read line");
    const controller = new AbortController();
    const end = watchExit(child.pid, controller.signal);
    controller.abort();
    await end;
    const alive = process.kill(child.pid, 0);
    stdin!.end("\n");
    return { alive, status: await closed };
  },
  async "a process that is gone already"() {
    const { child, closed } = shell("true");
    await closed;
    await watchExit(child.pid);
    return "resolved";
  },
  async "how a process begins"() {
    const { stdout, closed } = spawnPiped(["ignore", "pipe", "ignore"], (streams) =>
      spawnChild("/bin/sh", ["-c", begins], { argv0: "its name", env: { PATH: "/bin:/usr/bin", KEY: "a value" }, streams }),
    );
    return { said: (await text(stdout!)).split("\n"), status: await closed };
  },
  async "what cannot be started"() {
    const before = readdirSync("/proc/self/fd").length;
    const errors = ["/nothing", "/etc/passwd"].map((program) => {
      try {
        spawnChild(program, [], { argv0: program, env: {}, streams: [undefined, undefined, undefined] });
        return "started";
      } catch (error) {
        const { code, syscall, message } = error as NodeJS.ErrnoException;
        return [code, syscall, message];
      }
    });
    return { errors, more: readdirSync("/proc/self/fd").length - before };
  },
  async "a signal"() {
    const { child, closed } = shell("read line");
    child.kill("SIGTERM");
    return { status: await closed };
  },
  async "descriptors are closed again"() {
    const open = () => readdirSync("/proc/self/fd").length;
    const once = () => {
      const { stdin, closed } = shell("cat");
      stdin!.end("words");
      return closed;
    };
    await once();
    const before = open();
    for (let at = 0; at < 20; at++) await once();
    for (const end = performance.now() + 10_000; open() > before && performance.now() < end; ) await pause();
    return { more: Math.max(0, open() - before) }; // fewer: those of an earlier case were closed meanwhile
  },
};

const results: Record<string, unknown> = {};
for (const [name, run] of Object.entries(cases)) results[name] = await run();
console.log(JSON.stringify(results));
process.exit(0);
