/** Programs of the host in a pipe: what a shell's users know of the readers and writers there. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../../commands/scene.ts";

let scene: Scene;
const here = mkdtempSync(join(tmpdir(), "berth-pipes-"));

beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  rmSync(here, { recursive: true });
  await scene[Symbol.asyncDispose]();
});

const run = (source: string, signal = new AbortController().signal) => scene.session.run(source, "script", () => signal);

test("a reader that has enough is no failure of those before it, which hear of it as in a shell", async () => {
  const file = join(here, "first");
  await run(`
    create --name piped busybox true
    export piped | tar t | head -3 > ${file}
    expect ! cat ${file} | wc -l == 3
    ! yes | head -1 > ${file}
    ! yes | cat | head -1 > ${file}
    let first = ! yes | head -1
    expect $first == y
    expect status 0 print x | yes | head -1
    for each in (! yes | head -2) { expect $each == y }
    expect ! yes | head -2 | lines | count == 2
    rm piped
  `);
});

test("the last one is asked what came of it, and whoever failed by itself", async () => {
  await run(`
    expect status 1 ! yes | false
    expect status 3 ! yes | sh -c 'exit 3' | cat
    expect status 3 ! sh -c 'exit 3' | cat
    expect status 141 print x | sh -c 'kill -PIPE $$'
    expect status 141 run --rm busybox sh -c 'exit 141' | cat
  `);
});

test("who does not write on ends when it likes, however soon its reader has gone", async () => {
  const done = join(here, "done");
  await run(`! sh -c 'sleep 0.3; touch ${done}' | true`);
  expect(existsSync(done)).toBe(true);
});

test("a program can open its output again by its name", async () => {
  const file = join(here, "opened");
  await run(`! sh -c 'echo one > /dev/stdout' | sh -c 'cat; echo two > /proc/self/fd/1' > ${file}`);
  expect(readFileSync(file, "utf8")).toBe("one\ntwo\n");
});

test("what a program has left behind with its output is not waited for once it is called off", async () => {
  const file = join(here, "pid");
  try {
    await expect(run(`timeout 300ms { let x = ! sh -c 'sleep 30 & echo $! > ${file}' }`)).rejects.toMatchObject({ code: "timeout" });
  } finally {
    process.kill(Number(readFileSync(file, "utf8")));
  }
});
