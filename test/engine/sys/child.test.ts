import { closeSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { adoptOrphans, type Child, endOfAdopted, spawnChild } from "../../../engine/sys/child.ts";
import { makePipe, readEnd } from "../../../engine/sys/pipe.ts";
import { withFewDescriptors } from "../../support/programs.ts";

/** Runs a shell's script with its output on a pipe. */
function shell(script: string): { child: Child; output: Promise<string> } {
  const [read, write] = makePipe();
  const child = spawnChild("/bin/sh", ["-c", script], { argv0: "a shell", env: { KEY: "a value" }, streams: [undefined, write, write] });
  closeSync(write);
  const chunks: Buffer[] = [];
  const poured = readEnd(read).pour(async (chunk) => void chunks.push(chunk));
  return { child, output: poured.then(() => String(Buffer.concat(chunks))) };
}

test.each([
  ["exit 0", 0],
  ["exit 77", 77],
  ["kill -KILL $$", 137],
  ["kill -PIPE $$", 141],
])("%s ends with status %i", async (script, status) => {
  expect(await shell(script).child.exited).toBe(status);
});

test("has the environment and the name it was given, and the root directory", async () => {
  const { output } = shell('echo "$KEY/$HOME"; pwd; tr "\\0" " " </proc/$$/cmdline | cut -c-10');
  expect(await output).toBe("a value/\n/\na shell -c\n");
});

test("begins with every signal at its default and none blocked", async () => {
  const status = await shell("cat /proc/self/status").output;
  for (const field of ["SigBlk", "SigIgn"]) expect(status).toMatch(new RegExp(`^${field}:\\t0+$`, "m"));
});

test("is killed, once", async () => {
  const { child } = shell("exec sleep 1000");
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  child.kill("SIGKILL");
  expect(() => readFileSync(`/proc/${child.pid}/stat`)).toThrow("ENOENT");
});

test.each([
  ["/nothing", "ENOENT"],
  ["/etc/passwd", "EACCES"],
])("%s throws %s", (program, code) => {
  const streams = [undefined, undefined, undefined] as const;
  expect(() => spawnChild(program, [], { argv0: program, env: {}, streams })).toThrow(expect.objectContaining({ code, syscall: "spawn" }));
});

test("one that cannot be watched for want of descriptors is not left running", () => {
  const imports = `import { readFileSync } from "node:fs";
import { spawnChild } from ${JSON.stringify(new URL("../../../engine/sys/child.ts", import.meta.url).href)};`;
  const text = `
const start = () => spawnChild("/bin/sleep", ["1000"], { argv0: "sleep", env: {}, streams: [undefined, undefined, undefined] });
const first = start();
first.kill("SIGKILL");
await first.exited;
let said = "started";
exhausted(() => {
  try { start(); } catch ({ code }) { said = code; }
});
console.log(said + JSON.stringify(readFileSync("/proc/self/task/" + process.pid + "/children", "utf8")));`;
  expect(withFewDescriptors(imports, text)).toBe('EMFILE""\n');
});

test("orphans are adopted as long as somebody asks for it", async () => {
  const orphan = "sleep 1000 >/dev/null 2>&1 & echo $!";
  const pidOf = async ({ child, output }: ReturnType<typeof shell>) => {
    await child.exited;
    return Number(await output);
  };
  const parentOf = (pid: number) => Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
  let adopted: number;
  {
    using _ = adoptOrphans();
    adoptOrphans()[Symbol.dispose](); // another one who asked, too
    adopted = await pidOf(shell(orphan));
  }
  const stranger = await pidOf(shell(orphan));
  expect(parentOf(adopted)).toBe(process.pid);
  expect(parentOf(stranger)).not.toBe(process.pid);
  const end = endOfAdopted(adopted);
  for (const pid of [adopted, stranger]) process.kill(pid, "SIGTERM");
  expect(await end).toBe(143);
});
