/** What is found before anything runs, where, and what is left to the run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkStatements, type Problem } from "../../../../src/repl/check/check.ts";
import { Variables } from "../../../../src/repl/frame/variables.ts";
import { parse } from "../../../../src/repl/language/parse.ts";

const here = mkdtempSync(join(tmpdir(), "berth-check-"));
afterAll(() => rmSync(here, { recursive: true }));
const env = { HOME: "/root" };
const io = { streams: {}, confirm: async () => false, cwd: here, env } as unknown as Parameters<typeof checkStatements>[2]["io"];

function problemsOf(source: string, isStrict = false): Promise<Problem[]> {
  const variables = new Variables(env);
  for (const name of ["0", "args", "?", "_", "1"]) variables.set(name, "");
  return checkStatements(
    parse(source, "script"),
    { source, file: "script" },
    { io, variables, functions: new Map(), terminals: [], hasProgram: (name) => ["cat", "./own"].includes(name), isStrict },
  );
}

/** "line:column message" of each. */
const told = async (source: string) =>
  (await problemsOf(source)).map(({ error: { message, location } }) => `${location!.line}:${location!.column} ${message}`);

describe("what is wrong is found before the first line runs", () => {
  test.each([
    ["print a\nrun --nmae x y", "2:5 unknown flag: --nmae"],
    ["nosuch a", "1:1 unknown command: berth nosuch"],
    ["container nosuch a", "1:11 unknown command: berth container nosuch"],
    ["run --memory lots busybox", '1:14 invalid argument "lots" for "-m, --memory" flag: must be a size such as "64m" or "1g"'],
    ["if ps {\n  stop --time x web\n}", '2:15 invalid argument "x" for "--time" flag: must be a number'],
    ["ps extra", '1:4 "berth ps" accepts no arguments'],
    ["rm", '1:1 "berth rm" requires at least 1 argument'],
    ["compose --nosuch up", "1:9 unknown flag: --nosuch"],
    ["compose -f a.yaml up --nosuch", "1:22 unknown flag: --nosuch"],
    ["ps --format '{{.Nmaes}}'", undefined],
    ["print a\nrun -d -p abc busybox", '2:11 invalid argument "abc" for "--publish" flag'],
    ["create --restart=often busybox", '1:8 invalid argument "often" for "--restart" flag'],
    ["let x = run --mount type=odd,dst=/x busybox sh -c 'echo a'", '1:21 invalid argument "type=odd,dst=/x" for "--mount" flag'],
    ["print $nosuch", "1:7 there is no variable $nosuch"],
    ['print "a ${nosuch.x} b"', "1:10 there is no variable $nosuch"],
    ["print $((nosuch + 1))", "1:10 there is no variable $nosuch"],
    ["print $later\nlet later := 1", "1:7 $later is not bound yet"],
    ["print $env.NOSUCH", "1:7 the environment has no NOSUCH"],
    ["print $2", "1:7 there is no variable $2: the script has 0 arguments"],
    ["send @sh x", "1:6 there is no session @sh"],
    ["func f(a, b) { print $a $b }\nf 1", "2:1 f takes 2 values (a, b), not 1"],
    ["func f(a) { print $a $nix }", "1:22 there is no variable $nix"],
    ["func ps() { print }", "1:1 ps is a command already"],
    ["func list() { print }", "1:1 list is a command already"],
    ["sleep soon", '1:7 sleep needs a duration such as 500ms, not "soon"'],
    ["timeout soon { ps }", '1:9 timeout needs a duration such as 500ms, not "soon"'],
    ["repeat x ps", '1:8 repeat needs a number of times, not "x"'],
    ["exit x", '1:6 exit needs a status such as 3, not "x"'],
    ["spawn @a run -it x\nresize @a big", '2:11 "big" is not a size such as 120x40'],
    ["expect ps matches '/(/'", "1:19 Invalid regular expression: /(/: Unterminated group"],
    ["source nosuch.berth", "1:8 cannot read the script"],
    ["defer rm --nosuch x", "1:10 unknown flag: --nosuch"],
    ["try { rm --nosuch x } catch { print }", "1:10 unknown flag: --nosuch"],
    ["for c in (ps --nosuch) { print $c }", "1:14 unknown flag: --nosuch"],
    ["spawn @sh run -it x\nexpect @sh a or /\\d+/", "2:17 a pattern with backslashes is quoted"],
    ["logs x until /on:(?<port>\\d+)/ 5s\nprint $port", "1:14 a pattern with backslashes is quoted"],
    ["http GET http://x/ body /\\d/", "1:25 a pattern with backslashes is quoted"],
    ["http GET http://x/ header a '/(/'", "1:29 Invalid regular expression: /(/: Unterminated group"],
    ["if ps matches ^\\d { ps }", "1:15 a pattern with backslashes is quoted"],
    ["ps | where .Id matches ^\\d", "1:24 a pattern with backslashes is quoted"],
    ["ps | first x", '1:12 first needs a number, not "x"'],
    ["ps | where .State matches '/(/' | count", "1:27 Invalid regular expression: /(/: Unterminated group"],
    ["ps | where .State == $nosuch", "1:22 there is no variable $nosuch"],
  ])("%s", async (source, message) => {
    const found = await told(source);
    if (message === undefined) expect(found).toHaveLength(1);
    else expect(found).toEqual([expect.stringContaining(message)]);
  });

  test("all of it, in files that are read too, with the way there and the ranges of the words", async () => {
    writeFileSync(join(here, "lib.berth"), "let lib := 1\nrm --frce x\n");
    const source = "source lib.berth\nprint $lib\nstop --tme 3 x";
    const problems = await problemsOf(source);
    expect(problems).toMatchObject([
      {
        error: {
          location: { file: "lib.berth", line: 2, column: 4, through: [{ file: "script", line: 1, column: 1 }] },
          suggestion: "--force",
        },
      },
      { error: { location: { file: "script", line: 3, column: 6 }, exit: 2 }, start: source.indexOf("--tme"), end: source.indexOf(" 3 x") },
    ]);
  });

  test.each([
    ["exepct ps", "expect"],
    ["prnt x", "print"],
    ["func deploy() { ps }\ndeplyo", "deploy"],
    ["frobnicate", undefined],
    ["abcd x", undefined],
  ])("%s: did you mean %s", async (source, suggestion) => {
    expect((await problemsOf(source))[0]?.error.suggestion).toBe(suggestion);
  });
});

describe("a word that is no command, where a text was meant, tells how that is written", () => {
  const condition = "a condition begins with a variable, as in $x == 1, or with a command";
  test.each([
    ["let a = 1", "let a := 1"],
    ['let a = "x y"', 'let a := "x y"'],
    ["let a = $((1 + 2)) x", undefined],
    ["let a = nosuch $args", "let a := nosuch $args"],
    ["let a = (ps -q)", "let a = ps -q"],
    ["a = 1", "let a := 1"],
    ["a := b c", "let a := b c"],
    ["a=1", "let a := 1"],
    ["a == 1", undefined],
    ["if 1 == 1 { print x }", condition],
    ["while true { print x }", condition],
    ["if ps { print x } else if 1 == 1 { print x }", condition],
    ["assert 1 == 1 or ps", condition],
    ["expect 5s 1 == 1", condition],
    ["for x in (1 2 3) { print $x }", "for x in 1 2 3"],
    ["parallel for x in (1 2) { print $x }", "parallel for x in 1 2"],
    ["func f() { return (1) }", "return 1"],
    ["if ps { ps --nosuch }", undefined],
    ["let a = container nosuch", undefined],
  ])("%s", async (source, instead) => {
    const [problem] = await problemsOf(source);
    if (instead === undefined) expect(problem?.error.hint ?? "see").toMatch(/^see/);
    else expect(problem?.error.hint).toContain(instead);
  });

  test("the language's own words stand for no command that gives a value", async () => {
    expect((await problemsOf("let a = fro"))[0]?.error.suggestion).not.toBe("for");
    expect((await problemsOf("fro x in a"))[0]?.error.suggestion).toBe("for");
  });
});

test("a program that this host does not have is a warning, as a line before may make it", async () => {
  expect(await told("ps | cuont")).toEqual([]);
  const found = await problemsOf("ps | cuont | cat\n! nosuchprogram\n! ./own\nlet p := x\n! $p", true);
  expect(found.map(({ severity, error: { message, suggestion, location } }) => [severity, message, suggestion, location!.column])).toEqual([
    ["warning", 'there is no program "cuont" on this host', "count", 6],
    ["warning", 'there is no program "nosuchprogram" on this host', undefined, 3],
  ]);
});

describe("what only the run can tell is left to it", () => {
  test.each([
    "let flags := --rm -it\nrun $flags busybox sh",
    String.raw`logs x until /a\ b/ or '/\d/' or "/\\d/" or c:\\d 5s`,
    "let m := 64m\nrun --memory $m --cpus=$m x",
    "let p := 80\nrun -p $p:80 -v $p:/x --restart $p busybox",
    "run --env-file nosuch --label-file nosuch --security-opt seccomp=nosuch --cidfile /etc/passwd -v ./x:/y busybox -p abc",
    "expect fails run -p abc busybox",
    'let x := a\nps --format "{{.$x}}" $x y z',
    "let c := ps\n$c --whatever",
    "let c := up\ncompose $c --whatever",
    "expect fails ps --nosuch",
    "expect status 125 ps --nosuch",
    "if ps { print $2 $env.NOSUCH }",
    "print hi > lib2.berth\nsource lib2.berth\nprint $bound",
    "let f := x\nsource $f\nprint $bound\nsend @there x",
    "while ps { if ps { print $x }; let x := 1 }",
    "func f() { print $global }\nlet global := 1\nf",
    "defer print $id\nlet id := 1",
    "print $HOME",
    "! nosuchprogram --flag | other",
    "spawn @a run -it x\nsend @a y",
    "func open() { spawn @b run -it x }\nopen\nsend @b y",
    "try { ps } catch e { print $e ${e.code} }",
    "let xs = list a b\nfor x in $xs { print $x }",
    "ps | where .Size > 5 | sort .Names | count",
    "parallel for x in a b { print $x }",
    "timeout 5s { ps }; retry 2 every 1s ps",
    "wait web healthy 30s; wait a b",
    "func f() { let own := 1; defer print $own }\nf",
    "assert ps | where .A == b or .C == d | count == 2 and not ps",
    "expect http GET http://x/ body 'a b' and http GET http://x/ .Status == 200",
  ])("%s", async (source) => {
    expect(await told(source)).toEqual([]);
  });

  test("a name of the environment's is a warning of --check alone", async () => {
    expect(await problemsOf("print $HOME $1 $2", true)).toMatchObject([{ severity: "warning", error: { location: { column: 7 } } }]);
  });
});
