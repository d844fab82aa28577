/** The session's language against real containers: variables, expectations, terminals, and where a script stops. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../../e2e/program.ts";
import { busyboxTar } from "../../support/rootfs.ts";
import { openScene, type Scene } from "../commands/scene.ts";

let scene: Scene;
let program: Program;
const here = mkdtempSync(join(tmpdir(), "berth-repl-"));

beforeAll(async () => {
  scene = await openScene();
  program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
});
afterAll(async () => {
  try {
    await scene[Symbol.asyncDispose]();
    await program[Symbol.asyncDispose]();
  } finally {
    rmSync(here, { recursive: true, force: true });
  }
});

const run = (source: string) => scene.session.run(source, "script", () => new AbortController().signal);

test("variables hold results, and their fields stay current", async () => {
  await run(`
    let id = run -d --name bound busybox sh -c 'echo ready; sleep 1000'
    expect \${id.State.Running} == true
    expect 10s logs $id "ready"
    let out = exec bound sh -c 'echo inside; echo again'
    expect \${out.Output} contains again
    expect inspect bound .Config.Image == busybox
    expect status 3 exec bound sh -c 'exit 3'
    expect fails "No such container" exec nosuch true
    kill bound
    expect 10s \${id.State.Running} == false
    rm $id
    expect ps -aq == ""
  `);
});

test("a script types into a live run -it and reads its screen", async () => {
  await run(`
    spawn @sh run -it --rm --name typed busybox sh
    expect @sh "/ #"
    sendline @sh 'echo $((6 * 7))'
    expect @sh "42"
    resize @sh 101x37
    expect 10s exec typed stty -F /dev/pts/0 size == "37 101"
    sendline @sh "exit 3"
    expect @sh closed == 3
    expect 10s ps -aq == ""
  `);
});

test("detach keys leave the container running; exec has a terminal too", async () => {
  await run(`
    spawn @one run -it --name stays busybox sh
    expect @one "/ #"
    send @one "^P^Q"
    expect @one closed == 0
    expect inspect stays .State.Running == true
    spawn @two exec -it stays sh
    expect @two "/ #"
    sendline @two "tty; exit 4"
    expect @two /pts/
    expect @two closed == 4
    rm -f stays
  `);
});

test("the first failure stops a script, at its line and column, with its status", async () => {
  const failure = run("run --rm busybox true\n\n  run --rm busybox sh -c 'exit 9'\n  run --name never busybox true\n");
  await expect(failure).rejects.toMatchObject({ exit: 9, location: { file: "script", line: 3, column: 3 } });
  expect(await scene.text("ps", "-aq")).toBe("");
  await expect(run("expect run --rm busybox echo one == two")).rejects.toMatchObject({ code: "expectation", location: { line: 1 } });
});

test("a file, -c and standard input are the same language", async () => {
  const file = join(here, "script.berth");
  writeFileSync(file, 'run --rm busybox echo "$1 from a file"\nrun --rm busybox sh -c "exit 7"\nprint never\n');
  const outcome = await program.run(["repl", file, "hello"]);
  expect(outcome).toMatchObject({ status: 7, stdout: "hello from a file\n" });
  expect(outcome.stderr).toContain(`${file}:2:1: "run" ended with status 7`);
  expect(await program.run(["repl", "-c", "run --rm busybox echo a; print b"])).toEqual({ status: 0, stdout: "a\nb\n", stderr: "" });
  const typed = await program.run(["repl"], { input: "print a\nps --nosuch\nprint b\n" });
  expect(typed).toMatchObject({ status: 125, stdout: "a\n" });
  expect(typed.stderr).toContain("stdin:2:1: unknown flag: --nosuch");
});

test("--json prints results, rows and errors as lines of JSON", async () => {
  const { stdout } = await program.run(["--json", "repl", "-c", "create --name plain busybox true; ps -a; rm plain"]);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([{ Id: expect.stringMatching(/^[0-9a-f]{64}$/) }, { Names: ["/plain"], State: "created" }, "plain"]);
  const { status, stderr } = await program.run(["--json", "inspect", "nosuch"]);
  expect(status).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "not-found", message: "No such object: nosuch", exit: 1 } });
});
