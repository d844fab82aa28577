/** Programs of the host in a pipe: what a shell's users know of the readers and writers there. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
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
    const over = new AbortController();
    const running = run(`let x = ! sh -c 'sleep 1000 & echo $! > ${file}.new; mv ${file}.new ${file}'`, over.signal);
    await eventually(() => expect(existsSync(file)).toBe(true));
    over.abort();
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
  } finally {
    process.kill(Number(readFileSync(file, "utf8")));
  }
});

test("what cannot be run ends with a shell's statuses and a shell's reasons", async () => {
  const write = (name: string, text: string, mode: number) => writeFileSync(join(here, name), text, { mode });
  write("plain", "echo never", 0o644);
  write("script", "echo by sh: $1", 0o755);
  write("orphan", "#!/no/such/interpreter\n", 0o755);
  await run(`
    cd ${here}
    expect status 126 ! ./plain
    expect fails 'cannot run "./plain": it is not executable' ! ./plain
    expect status 126 print x | ./plain
    expect fails "it is a directory" ! ${here}
    expect status 126 ! ${here}
    expect status 127 ! ./nosuch
    expect fails 'cannot run "./nosuch": there is no such file' ! ./nosuch
    expect status 127 ! ./plain/nosuch
    expect status 126 ! ./orphan
    expect fails "what it is to be run by is not there" ! ./orphan
    expect ! ./script word == "by sh: word"
    expect status 127 ! no-such-program
    expect fails "arguments are too long" ! true ${"a".repeat(200_000)}
  `);
});
