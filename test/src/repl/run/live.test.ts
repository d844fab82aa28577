/** The session's language against real containers: variables, expectations, terminals, and where a script stops. */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { languageExamples } from "../../../../src/repl/language/description.ts";
import { outcomeOf, Program } from "../../../e2e/program.ts";
import { launcher } from "../../../support/driver.ts";
import { eventually } from "../../../support/eventually.ts";
import { busyboxTar } from "../../../support/rootfs.ts";
import { openScene, type Scene } from "../../commands/scene.ts";

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

test("a terminal has its size before the program can look", async () => {
  for (let time = 0; time < 5; time++)
    await run(`
      spawn @size run -it --rm busybox stty size
      expect @size "24 80"
      expect @size closed == 0
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
  expect(typed).toMatchObject({ status: 2, stdout: "" });
  expect(typed.stderr).toContain("stdin:2:4: unknown flag: --nosuch");
});

test.each(languageExamples)("the help's example works: $title", async ({ script }) => {
  await using fresh = await openScene();
  await fresh.session.run(`cd ${here}\n${script}`, "example", () => new AbortController().signal);
  expect(await fresh.text("ps", "-aq")).toBe("");
});

test("lines are joined to programs and files of the host", async () => {
  const file = join(here, "out.txt");
  await run(`
    create --name joined busybox true
    let n = ps -aq | wc -l
    expect $n == 1
    expect ps -aq | wc -l == 1
    ps -a --format '{{.Names}}' > ${file}
    print more >> ${file}
    expect ! cat ${file} == "joined
more"
    expect status 3 ! sh -c 'exit 3'
    expect fails "there is no program" ps | nosuchprogram
    expect fails "cannot write" ps > ${here}/no/file
    expect fails "cannot read" ps < ${here}/no/file
    let text = run -i --rm busybox cat <<END
a $n
END
    expect $text == "a 1"
    let counted = run -i --rm busybox wc -c < ${file}
    expect $counted == 12
    let first = run --rm busybox yes | head -1
    expect $first == y
    rm joined
  `);
});

test("loops and conditions; a list is a word for each item", async () => {
  await run(`
    for n in 1..3 x { create --name loop$n busybox true }
    let all = ps -aq
    expect ps -aq | wc -l == 4
    let seen := ""
    for id in $all { if $id == "" { break } else { let seen := "$seen." } }
    expect $seen == ....
    let names = ps -a --format '{{.Names}}'
    for name in $names { if $name == loop2 { continue }; let last := $name }
    expect $last == loop1
    rm $all
    while ps -aq != "" { exit 9 }
    let turns := ""
    repeat 3 every 1ms let turns := "x$turns"
    expect $turns == xxx
  `);
  await expect(run("for x in a {\n  if ps {\n    rm nosuch\n  }\n}")).rejects.toMatchObject({ location: { line: 3, column: 8 } });
});

test("an expectation of several patterns says which came, and what came before", async () => {
  await run(`
    spawn @one run -it --rm busybox sh -c 'echo before; echo second; sleep 100'
    expect @one /fir(st)/ or second
    expect $matched == 2
    expect $before contains before
    if 50ms @one never { exit 9 }
    close @one
  `);
  await expect(run(`spawn @two run -it --rm busybox echo seen\nexpect 5s @two never or "not this"`)).rejects.toMatchObject({
    message: expect.stringContaining('expected @two never or "not this": it ended after "seen'),
  });
});

test("source, record, and a script that goes on after failures", async () => {
  const lib = join(here, "lib.berth");
  const tape = join(here, "tape.berth");
  writeFileSync(lib, "print from the library\nlet bound := yes\nrm nosuch\n");
  await expect(run(`source ${lib}`)).rejects.toMatchObject({
    message: "No such container: nosuch",
    location: { file: lib, line: 3, column: 4, through: [{ file: "script", line: 1, column: 1, into: `source ${lib}` }] },
  });
  await run(`expect $bound == yes\nrecord ${tape}\nlet x := 1\nif $x == 1 {\n  print taped\n}\nrecord off\nprint not taped`);
  const replay = await program.run(["repl", "--echo", tape]);
  expect(replay).toMatchObject({ status: 0, stdout: "taped\n", stderr: "+ print taped\n" });
  const keptOn = await program.run(["repl", "-k", "-v", "x=5", "--timing", "-c", "rm nosuch; print $x"]);
  expect(keptOn).toMatchObject({ status: 1, stdout: "5\n" });
  expect(keptOn.stderr).toMatch(/-c:1:4: No such container: nosuch(.|\n)*time: \d/);
  expect((await program.run(["repl", "-v", "5", "-c", "ps"])).stderr).toContain('"5" is not NAME=VALUE');
});

test("the statement that turns the report on is none of the time before it", async () => {
  const { stdout } = await program.run(["repl", "-c", "print a; set json on"]);
  expect(JSON.parse(stdout.split("\n")[1]!)).toMatchObject({ command: "set json on", ms: 0 });
});

test("wait: until it is so, at once where it cannot become so, and with a status of its own when the time is over", async () => {
  await run(`
    run -d --name waited --health-cmd 'test -e /ready' --health-interval 100ms busybox sh -c 'sleep 1; touch /ready; exec httpd -f -p 8080'
    wait waited running 10s
    wait waited healthy 20s
    wait waited port:8080 20s
    kill waited
    wait waited stopped 10s
    run -d --rm --name passing busybox true
    wait passing removed 20s
    create --name plain busybox true
  `);
  await expect(run("start waited\nwait waited healthy 1ms")).rejects.toMatchObject({
    code: "timeout",
    exit: 4,
    location: { line: 2, column: 13 },
  });
  await expect(run("kill waited; wait waited port:8080 20s")).rejects.toMatchObject({ code: "not-running" });
  await expect(run("start plain; wait plain healthy 20s")).rejects.toMatchObject({ code: "not-running" });
  await expect(run("wait waited port:99999999 1s")).rejects.toMatchObject({ code: "syntax", location: { column: 13 } });
  await expect(run("wait waited helthy")).rejects.toMatchObject({ code: "syntax", suggestion: "healthy" });
  await run("rm waited plain");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s in the middle of a script cleans up", async (signal, status) => {
  const script = `defer { print cleaning; rm -f held }
    run -d --name held busybox sleep 1000
    spawn @s exec -it held sh
    print ready
    run --rm --name front busybox sleep 1000
    print never`;
  const child = spawn(launcher, ["repl", "-c", script], { env: { ...process.env, ...program.env }, stdio: ["ignore", "pipe", "inherit"] });
  const outcome = outcomeOf(child);
  await eventually(async () => expect(await program.ok(["ps", "--format", "{{.Names}}"])).toContain("front"));
  child.kill(signal);
  const { status: ended, stdout } = await outcome;
  expect(ended).toBe(status);
  expect(stdout).toMatch(/^[0-9a-f]{64}\nready\ncleaning\nheld\n$/);
  expect(await program.ok(["ps", "-aq"])).toBe("");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s while a good script cleans up is told by its status, once it has", async (signal, status) => {
  const script = `defer { ! sh -c 'kill -${signal.slice(3)} $PPID'; ! true; print cleaned }\nprint done`;
  expect(await program.run(["repl", "-c", script])).toMatchObject({ status, stdout: "done\ncleaned\n", stderr: "" });
});

test("what is deferred in functions, files that are read, branches and blocks runs once each, the innermost first", async () => {
  const folder = mkdtempSync(join(here, "deferred-"));
  const files = {
    main: "defer print outer\nsource lib\nparallel { source one; hold two }",
    lib: "defer print lib\nfunc hold(name) {\n defer { print $name; rm -f $name }\n timeout 900s { defer print time of $name; run --name $name busybox sleep 1000 }\n}",
    one: "try { defer print block; hold one } catch { print caught }\nprint never",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const child = spawn(launcher, ["repl", "main"], {
    cwd: folder,
    env: { ...process.env, ...program.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const outcome = outcomeOf(child);
  await eventually(async () => expect((await program.ok(["ps", "--format", "{{.Names}}"])).trim().split("\n")).toHaveLength(2));
  child.kill("SIGTERM");
  const { status, stdout } = await outcome;
  const lines = stdout.trim().split("\n");
  const inOrder = (...wanted: string[]) => expect(lines.filter((line) => wanted.includes(line))).toEqual(wanted);
  expect(status).toBe(143);
  expect(lines.toSorted()).toEqual(["block", "lib", "one", "one", "outer", "time of one", "time of two", "two", "two"]);
  inOrder("time of one", "one", "one", "block", "lib", "outer");
  inOrder("time of two", "two", "two", "lib", "outer");
  expect(await program.ok(["ps", "-aq"])).toBe("");
});

test("a check tells of what is no text as of anything else that is wrong: for editors too", async () => {
  const file = join(here, "latin.berth");
  writeFileSync(file, Buffer.from("print a\nprint caf\xe9\n", "latin1"));
  const checked = await program.run(["--json", "repl", "--check", file]);
  expect(checked).toMatchObject({ status: 2, stderr: "" });
  expect(JSON.parse(checked.stdout)).toMatchObject({ v: 1, ok: false, problems: [{ code: "syntax", line: 2, column: 10, endColumn: 11 }] });
  writeFileSync(file, "\ufeffnosuch\n");
  expect((await program.run(["repl", "--check", file])).stdout).toContain(`${file}:1:1: unknown command`);
  expect(await program.run(["repl", "--check", join(here, "none")])).toMatchObject({ status: 1, stdout: "" });
});

test("what a script hangs up on is not left running", async () => {
  await run('spawn @left run -it --rm busybox sh; expect @left "/ #"; close @left; expect 10s ps -aq == ""');
});

test("what is timed out is not left running", async () => {
  await expect(run("timeout 1500ms run --name late busybox sleep 1000")).rejects.toMatchObject({ code: "timeout", exit: 4 });
  await run("expect 10s inspect late .State.Running == false; rm late");
});

test("a reader that goes away ends a script without a word", async () => {
  const line = `"$0" repl -c 'repeat 1000 ps -a' | head -1; echo "\${PIPESTATUS[0]}"`;
  const piped = await promisify(execFile)("bash", ["-c", line, launcher], { env: { ...process.env, ...program.env } });
  expect(piped.stderr).toBe("");
  expect(piped.stdout).toMatch(/^CONTAINER ID.*\n141\n$/);
});

test("--json tells of what fails while something else is cleaned up as JSON, too", async () => {
  const { status, stderr } = await program.run(["--json", "repl", "-c", "defer rm nosuch\nassert images | count == 9"]);
  expect(status).toBe(3);
  expect(
    stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { error: { code: "not-found", message: "while cleaning up: No such container: nosuch", location: { line: 1, column: 10 } } },
    { error: { code: "expectation", exit: 3 } },
  ]);
});

test("--json prints an object for each statement, and the error of the script as JSON", async () => {
  const line = "create --name plain busybox true; ps -a | json .State; rm plain; rm nosuch";
  const { status, stdout, stderr } = await program.run(["--json", "repl", "-c", line]);
  const lines = stdout
    .trim()
    .split("\n")
    .map((each) => JSON.parse(each));
  const id = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(lines).toMatchObject([
    {
      v: 1,
      type: "statement",
      file: "-c",
      line: 1,
      col: 1,
      command: "create --name plain busybox true",
      ok: true,
      exit: 0,
      result: { Id: id },
    },
    { v: 1, type: "output", stream: "stdout", text: '"created"\n' },
    { v: 1, type: "statement", command: "ps -a | json .State", ok: true, result: ["created"] },
    { v: 1, type: "row", value: "plain" },
    { v: 1, type: "statement", command: "rm plain", ok: true, result: ["plain"] },
    {
      v: 1,
      type: "statement",
      ok: false,
      exit: 1,
      error: { code: "not-found", message: "No such container: nosuch", location: { column: 69 } },
    },
  ]);
  expect(status).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "not-found", exit: 1, location: { file: "-c", line: 1, column: 69 } } });
});

test("what takes no notice of being called off is killed, as stop does it", async () => {
  await run(`
    defer rm -f deaf
    run -d --name deaf --stop-timeout 0 busybox sleep 1000
    try { timeout 1s exec deaf sh -c 'trap "" TERM; while :; do sleep 0.1; done' } catch e { assert \${e.code} == timeout }
    expect 10s not top deaf "while"
    assert \${e.status} == 4
  `);
});
