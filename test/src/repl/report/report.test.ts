/** What programs are told of a session: JSON lines, a JUnit report, a trace, and what a dry run says it would do. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import { table } from "../../../../src/commands/table.ts";
import { Cast } from "../../../../src/repl/report/cast.ts";
import { rehearse } from "../../../../src/repl/report/dry-run.ts";
import { JsonReport } from "../../../../src/repl/report/json-report.ts";
import { JunitReport } from "../../../../src/repl/report/junit.ts";
import { reads } from "../../../../src/repl/report/reads.ts";
import { Trace } from "../../../../src/repl/report/trace.ts";
import { type Observer, Session } from "../../../../src/repl/session.ts";
import { home } from "../../../support/source-tree.ts";
import { openScene, type Scene } from "../../commands/scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

function open(): Session {
  const { io } = scene.session;
  return new Session({ engine: scene.engine, io: { ...io, env: { PATH: process.env["PATH"]! } } });
}

async function run(session: Session, source: string): Promise<EngineError | undefined> {
  try {
    await session.run(source, "script", () => new AbortController().signal);
    return undefined;
  } catch (error) {
    return error as EngineError;
  } finally {
    await session.close();
  }
}

async function observed(source: string, observer: Observer): Promise<EngineError | undefined> {
  const session = open();
  session.place.output = { put() {} };
  session.observers.push(observer);
  return run(session, source);
}

describe("--json", () => {
  async function lines(source: string): Promise<Record<string, unknown>[]> {
    const written: string[] = [];
    const session = open();
    session.reportJson(true, new JsonReport((line) => written.push(line)));
    await run(session, source);
    return written.map((line) => JSON.parse(line));
  }

  test("each statement once, in loops, functions and blocks too, and a block where it fails itself", async () => {
    const source = "func f(x) { print $x; return $((x + 1)) }\nfor i in 1..2 { let y = f $i }\ntimeout 20ms { sleep 10s }";
    const told = (await lines(source)).filter(({ type }) => type === "statement");
    expect(told.map(({ line, col, command, ok, exit, result }) => [line, col, command, ok, exit, result])).toEqual([
      [1, 13, "print $x", true, 0, null],
      [1, 23, "return $((x + 1))", true, 0, null],
      [2, 17, "let y = f $i", true, 0, "2"],
      [1, 13, "print $x", true, 0, null],
      [1, 23, "return $((x + 1))", true, 0, null],
      [2, 17, "let y = f $i", true, 0, "3"],
      [3, 16, "sleep 10s", false, 130, undefined],
      [3, 1, "timeout 20ms { sleep 10s }", false, 4, undefined],
    ]);
    expect(told.every(({ v, file, ms }) => v === 1 && file === "script" && typeof ms === "number")).toBe(true);
  });

  test("output is exact: characters cut in two, and bytes that are none", async () => {
    const out = (await lines(`! sh -c 'printf "h\\303"; sleep 0.1; printf "\\251\\n"'\n! printf 'a\\377b'`)).filter(
      ({ type }) => type === "output",
    );
    const bytes = out.map(({ text, base64 }) => (text === undefined ? Buffer.from(String(base64), "base64") : Buffer.from(String(text))));
    expect(Buffer.concat(bytes)).toEqual(Buffer.from([0x68, 0xc3, 0xa9, 0x0a, 0x61, 0xff, 0x62]));
    expect(out.filter(({ text }) => text !== undefined).map(({ text }) => text)).toEqual(["h", "é\n"]);
  });

  test("what programs of the host write to standard error is told as such, wherever they stand", async () => {
    const source = `! sh -c 'echo one >&2'
print a | sh -c 'cat >&2' | sh -c 'echo two >&2'
let x = ! sh -c 'echo three >&2; echo kept'
parallel { ! sh -c 'echo four >&2' }
print b | lines | sh -c 'cat >&2'`;
    const told = (await lines(source)).filter(({ type }) => type === "output");
    expect(told.every(({ stream }) => stream === "stderr")).toBe(true);
    expect(told.map(({ text }) => text).sort()).toEqual(["a\n", "b\n", "four\n", "one\n", "three\n", "two\n"]);
  });

  test("what is called off has the place of its statement", async () => {
    const told = await lines("timeout 1ms {\n  sleep 10s\n}");
    expect(told[0]).toMatchObject({ command: "sleep 10s", exit: 130, error: { code: "cancelled", location: { line: 2, column: 3 } } });
  });

  test("errors have a place and the way there, secrets are hidden, `set json off` ends it", async () => {
    const told = await lines("func f() { rm nosuch }\ntry { f } catch { print caught }\nlet password := hunter2\nset json off\nlet x := 1");
    expect(told[0]).toMatchObject({
      command: "rm nosuch",
      ok: false,
      error: { code: "not-found", location: { line: 1, column: 15, through: [{ line: 2, into: "func f" }] } },
    });
    expect(JSON.stringify(told.filter(({ line }) => line === 3).map(({ command }) => command))).toBe('["let password := ***"]');
    expect(told.at(-1)).toMatchObject({ line: 3 });
  });
});

describe("--junit", () => {
  test("outermost statements are test cases: passed, failed, wrong, and never begun", async () => {
    const report = new JunitReport();
    await observed('print a\nif images { print "<b>" }\nexpect images | count == 7\nprint never', report);
    const text = report.text(1);
    expect(text).toContain('<testsuites tests="4" failures="1" errors="0" skipped="1" time="1.000">');
    expect(text).toContain('name="line 2: if images { print &#34;&#60;b&#62;&#34; }"');
    expect(text).toContain('<failure type="expectation" message="script:3:26: expected images | count == 7: it is &#34;1&#34;">');
    expect(text).toMatch(/line 4: print never"[^>]*><skipped\/>/);
  });

  test("a script that does not run is one error; what XML cannot hold is replaced", async () => {
    const report = new JunitReport();
    const error = await observed("ps --nosuch", report);
    report.failed(error!, "script");
    expect(report.text()).toMatch(
      /tests="1" failures="0" errors="1"[\s\S]*<error type="usage" message="script:1:4: unknown flag: --nosuch">/,
    );
    const odd = new JunitReport();
    await observed("print 'a\x01b'", odd);
    expect(odd.text()).toContain("print 'a\ufffdb'");
  });
});

test("--cast is an asciicast: what is typed without secrets, what is printed, what fails", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-cast-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "a.cast");
  const shown: string[] = [];
  const cast = new Cast(file, "script", (data) => shown.push(String(data)));
  const session = open();
  session.place.output = cast;
  session.observers.push(cast);
  await run(session, "let token := hunter2\nfor i in 1..2 {\n  print $i\n}\nrm nosuch");
  cast.close();
  const [head, ...events] = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(head).toMatchObject({ version: 2, width: 100, height: 30, title: "script" });
  expect(events.every(([time, kind]: [number, string]) => time >= 0 && kind === "o")).toBe(true);
  expect(events.map(([, , text]: [number, string, string]) => text).slice(0, 4)).toEqual([
    "\x1b[1mberth>\x1b[0m let token := ***\r\n",
    "\x1b[1mberth>\x1b[0m for i in 1..2 {\r\n   ...   print $i\r\n   ... }\r\n",
    "1\r\n",
    "2\r\n",
  ]);
  expect(events.at(-1)[2]).toContain("No such container: nosuch\r\n");
  expect(shown.join("")).toBe("1\n2\n");
});

test("--trace says where, what, and what came of it", async () => {
  const said: string[] = [];
  await observed("for i in 1..2 { let token := s3cret$i }\nlet x := $i\nrm nosuch", new Trace((line) => said.push(line)));
  const text = said.join("").replace(/\d+(\.\d+)?(ms|µs|s)$/gm, "T");
  expect(text).toBe(`script:1:1: for i in 1..2 { let token := *** }
  script:1:17: let token := ***
    token = ***
    status 0, T
  script:1:17: let token := ***
    token = ***
    status 0, T
script:2:1: let x := $i
  x = 2
  status 0, T
script:3:1: rm nosuch
  status 1, T
`);
});

describe("--dry-run", () => {
  test("values are filled in, what only looks is done and said, and nothing else happens", async () => {
    const printed: string[] = [];
    const session = open();
    session.place.output = { put: (data) => void printed.push(String(data)) };
    session.rehearse(rehearse);
    const error = await run(
      session,
      `func web(n) { run -d --name "web$n" busybox sleep 1; return $n }
let id = create --name made -e A_TOKEN=hidden busybox true
for i in 1..2 { let w = web $i }
if inspect $id .State.Running == true { rm $id } else { start \${id.Id} }
let n = images | count
print "n $n of \${id.Config.Image[0]}"
! rm -rf /nosuch > x
spawn @s exec -it $id sh
expect @s /x/
expect 5s inspect made
timeout 5s { sleep 100s }
parallel for p in a b { stop $p }
defer rm -f $id
on default { rm -f x }
use default
wait made healthy 30s`,
    );
    expect(error).toBeUndefined();
    expect(printed.join("")).toBe(`let id = create --name made -e A_TOKEN=*** busybox true
run -d --name web1 busybox sleep 1
run -d --name web2 busybox sleep 1
if inspect $id .State.Running == true:
  rm '<id>'
else:
  start '<id.Id>'
reads: images | count
n 1 of <id.Config.Image.0>
! rm -rf /nosuch > x
spawn @s exec -it $id sh
expect @s /x/
expect 5s inspect made
within 5s:
  sleep 100s
side by side:
  stop a
  stop b
at the end:
  rm -f '<id>'
on default:
rm -f x
use default
wait made healthy 30s
`);
    expect(await scene.text("ps", "-aq")).toBe("");
  });

  /** What a dry run says. */
  async function rehearsed(source: string, cwd = "/"): Promise<string> {
    const printed: string[] = [];
    const session = new Session({ engine: scene.engine, io: { ...scene.session.io, cwd } });
    session.place.output = { put: (data) => void printed.push(String(data)) };
    session.rehearse(rehearse);
    expect(await run(session, source)).toBeUndefined();
    return printed.join("");
  }

  test("neither files nor programs nor what a function returns are done", async () => {
    const directory = mkdtempSync(join(tmpdir(), "berth-dry-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const source = `func made() { return (volume create dry) }
func said() { print said }
let volume = made
print x > one
print y | tee two
said > three
said | tee four
let z = print z | tee five
print w | lines | tee six
let answer = http GET http://127.0.0.1:1/
print \${answer.Status}
said`;
    expect(await rehearsed(source, directory)).toBe(`return (volume create dry)
print x > one
print y | tee two
said > three
said | tee four
let z = print z | tee five
print w | lines | tee six
let answer = http GET http://127.0.0.1:1/
<answer.Status>
said
`);
    expect([readdirSync(directory), await scene.text("volume", "ls", "-q")]).toEqual([[], ""]);
  });

  test("what is not there before a script runs is foreseen, and so is what is made of it", async () => {
    const source = `let web = inspect web
let at := "http://\${web.NetworkSettings.IPAddress}/"
print $at
let none = ps -a | json .Id
print \${none[3].x} $((none * 2))
logs web until '/on (?<port>\\d+)/' 5s
print $port
for i in 1..$port { print $i }
for row in (inspect web) { print $row }
cd /no/such/directory
expect @sh { ok or fine { print good } timeout { rm web } }`;
    expect(await rehearsed(`spawn @sh exec -it web sh\n${source}`)).toBe(`spawn @sh exec -it web sh
reads: inspect web
  not yet: Error: No such object: web
http://<web.NetworkSettings.IPAddress>/
reads: ps -a | json .Id
<none[3].x> <$((none * 2))>
logs web until '/on (?<port>\\d+)/' 5s
<port>
1..<port>
  not yet: Error: No such object: web
<row>
cd /no/such/directory
  not yet: cannot change to "/no/such/directory": no such directory
expect @sh:
  ok or fine:
good
  timeout:
    rm web
`);
  });

  const examples = join(home, "examples/session");
  test.each(readdirSync(examples).filter((name) => /^\d\d-/.test(name)))("%s is told of from its beginning to its end", async (name) => {
    await rehearsed(readFileSync(join(examples, name), "utf8"), examples);
    expect(await scene.text("ps", "-aq")).toBe("");
  });

  test("what it takes for looking is in the table of commands", () => {
    const names = new Set(table.map(({ names: [name] }) => name));
    expect([...reads].filter((name) => !names.has(name))).toEqual([]);
  });
});
