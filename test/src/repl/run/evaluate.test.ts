/** The language's own statements, run: values, failures, time, and what runs beside each other. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { statusOf } from "../../../../src/repl/frame/status.ts";
import { here, placeOf, printed, ran } from "./evaluation.ts";

test("a value that is no command tells how a text is bound", async () => {
  expect((await ran("let b := hello\nlet a = $b")).error?.hint).toContain("let a := $b");
  expect((await ran("let l := a\nfor x in ($l) { print $x }")).error?.hint).toContain("for x in $l");
  expect((await ran("let b := ps\n$b --nosuch")).error?.hint).not.toContain("let");
});

describe("values", () => {
  test.each([
    ["print $((1 + 2 * 3)) $(((1 + 2) * 3)) $((7 / 2)) $((7 // 2)) $((-7 % 4)) $((0.1 * 10))", "7 9 3.5 3 -3 1\n"],
    ["let n := 4\nprint $((n * n)) $(($n - -1)) a$((n))b \"$((n + 1))\" '$((n))'", "16 5 a4b 5 $((n))\n"],
    [
      "print $((9007199254740993 + 0)) $((9223372036854775807 + 1)) $((10 * 10000000000000000000000 // 7))",
      "9007199254740993 9223372036854775808 14285714285714285714285\n",
    ],
    [
      "let t := 1700000000123456789\nlet u := 1700000000000000001\nprint $((t - u)) $((t / 1000 // 1)) $((t % 10))",
      "123456788 1700000000123456 9\n",
    ],
    ["let xs = list a 'b c'\nlet xs = list $xs d\nprint ${xs.length} ${xs[1]}\nfor x in $xs { print [$x] }", "3 b c\n[a]\n[b c]\n[d]\n"],
    ["let xs := a 'b c'\nfor x in $xs { print [$x] }\nprint $xs ${xs[1]}", "[a]\n[b c]\na b c b c\n"],
    ["let v = print 'one two\nthree'\nfor x in $v { print [$x] }", "[one two]\n[three]\n"],
    ["let v := 'a  b\n$c \"d\"'\nlet w := $v\nfor x in $w { print [$x] }", '[a  b\n$c "d"]\n'],
    ["for x in $args { print [$x] }\nprint ${args.length} $1", "[a b]\n[c]\n2 a b\n"],
    ["print $env.HOME $HOME", "/root /root\n"],
    ["let env := mine\nprint $env.HOME", "mine.HOME\n"],
    ["let HOME := mine\nprint $HOME $env.HOME", "mine /root\n"],
    ["expect status 3 ! sh -c 'exit 3'\ntry { ! sh -c 'exit 3' } catch { print $? }\n! true\nprint $?", "3\n0\n"],
    ["let v = list 1 2\nif $v == x or $? == 0 and not $? == 1 { print yes }", "yes\n"],
    ["if 3 in 1,2,3 { print }", undefined],
    ["let s := b\nlet xs = list a,b b\nif $s in $xs { print yes }\nif $s in a,b { print too }", "yes\ntoo\n"],
  ])("%s", async (source, text) => {
    const outcome = await ran(source, { args: ["a b", "c"], env: { HOME: "/root", PATH: process.env["PATH"]! } });
    if (text !== undefined) expect(outcome).toEqual({ text, error: undefined });
    else expect(outcome.error?.code).toBe("usage");
  });

  test.each([
    ["print ok $((1 / 0))", "1:15", "cannot divide by 0"],
    ["let a := 0x10\nprint $((a + 1))", "2:10", '$a is no number, but "0x10"'],
    ["let n := 7\nrepeat 9 let n := $((n * n))", "2:24", "the number is too large"],
    [`print $((1${" + 1".repeat(501)}))`, "1:2012", "more than 500 signs in an expression"],
    ["let l = list 1\nrepeat 30 let l = list $l $l", "2:27", "a list of more than 1000000 items"],
    ["let a := b\nprint $((a + 1))", "2:10", '$a is no number, but "b"'],
    ["let a = images\nprint ${a.nosuch}", "2:7", '$a has no field "nosuch"'],
  ])("%s fails at %s", async (source, place, message) => {
    const outcome = await ran(source);
    expect(outcome.error?.message).toBe(message);
    expect(placeOf(outcome)).toBe(place);
  });

  test.each([
    ["print a > /dev/full", "1:11", 1, undefined],
    ["print a > /proc/no/such/file", "1:11", 1, undefined],
    ["print a | cat < /proc/no/such/file", "1:15", 2, undefined],
    ["! cat < /proc/no/such/file", "1:9", 1, undefined],
    ["! nosuchprogram", "1:3", 127, undefined],
    ["! /etc/passwd", "1:3", 126, undefined],
    ["print a | cat | nosuchprogram", "1:17", 127, undefined],
    ["print a | /etc/passwd", "1:11", 126, undefined],
    ["print a | cuont", "1:11", 127, "count"],
    ["print a | false | cat", "1:11", 1, undefined],
    ["print a | count | sh -c 'exit 3'", "1:19", 3, undefined],
    ["let x = print a | false", "1:19", 1, undefined],
    ["for x in (print a | false) { print $x }", "1:21", 1, undefined],
    ["print a | count > /dev/full", "1:19", 1, undefined],
    ["expect print a == b", "1:19", 3, undefined],
  ])("%s fails at %s", async (source, place, status, suggestion) => {
    const outcome = await ran(source, { env: { PATH: process.env["PATH"]! } });
    expect([placeOf(outcome), statusOf(outcome.error!), outcome.error?.suggestion]).toEqual([place, status, suggestion]);
  });

  test("a value with a NUL is given to nobody who would get less of it", async () => {
    const env = { PATH: process.env["PATH"]! };
    const made = "let x = ! printf 'a\\000b'\n";
    expect(await ran(`${made}print $x | od -An -c`, { env })).toEqual({ text: "   a  \\0   b  \\n\n", error: undefined });
    const refused = [
      "run --rm busybox echo $x",
      "! echo $x",
      "print a | grep $x",
      "print a > $x",
      "! cat < $x",
      "cd $x",
      "source $x",
      "let y = inspect $x",
    ];
    for (const line of [...refused, "spawn @t run -it busybox echo $x", "print a | count | grep $x"]) {
      const outcome = await ran(made + line, { env });
      expect([line, outcome.error?.message]).toEqual([line, "a command, a program or a path cannot be given a NUL"]);
      expect(placeOf(outcome)).toBe(`2:${line.indexOf("$x") + 1}`);
    }
  });

  test("an expectation that is asked once says how to wait", async () => {
    const hints = ["expect print a == b", "assert print a == b", "expect 1ms print a == b"].map(
      async (source) => (await ran(source)).error?.hint,
    );
    const once = "'expect 5s …' waits until it is so";
    expect(await Promise.all(hints)).toEqual([once, once, "the condition did not come true in time"]);
  });

  test("a name with anything in it passes through loops, pipes and expansions unchanged", async () => {
    const odd = "a  b'c\"d\n$e `f` \\g *";
    writeFileSync(join(here, "odd"), odd);
    const text = await printed(
      `let odd = ! cat odd\nlet copy := $odd\nlet xs = list "$odd" x\nfor x in $xs { print "$x" | cat > out; ! cat out; ! printf %s $x }\nsource lib`.replace(
        "\nsource lib",
        "\nfunc show(v) { ! printf '<%s>' $v }\nshow $copy",
      ),
      { env: { PATH: process.env["PATH"]! } },
    );
    expect(text).toBe(`${odd}\n${odd}x\nx<${odd}>`);
  });
});

describe("failures", () => {
  test("are caught with what they were", async () => {
    expect(await printed('try { rm nosuch } catch e { print "$e|${e.code}|${e.status}|${e.line}:${e.column}" }\nprint on')).toBe(
      "No such container: nosuch|not-found|1|1:10\non\n",
    );
  });

  test("what is deferred runs when its block ends, the last first, and all of it", async () => {
    const source = `
      defer print outermost
      func f() { defer print f-ends; print f }
      f
      for i in 1..2 { defer print "turn $i"; print "in $i" }
      defer { rm nosuch }
      try { defer print inner; rm nosuch } catch { print caught }
      exit 7
      print never`;
    const { text, error } = await ran(source);
    expect(text).toBe("f\nf-ends\nin 1\nturn 1\nin 2\nturn 2\ninner\ncaught\noutermost\n");
    expect(error).toMatchObject({ code: "not-found", location: { line: 6 } });
  });

  test("what is deferred runs after a failure and after an interruption", async () => {
    expect(await ran("defer print late\nrm nosuch")).toMatchObject({
      text: "late\n",
      error: { code: "not-found", location: { line: 2, column: 4 } },
    });
    const interruption = new AbortController();
    const onPrint = (text: string) => text === "begun\n" && interruption.abort();
    const source = "defer print late\nprint begun\nsleep 100s\nprint never";
    expect(await ran(source, { signal: interruption.signal, onPrint })).toMatchObject({
      text: "begun\nlate\n",
      error: { code: "cancelled" },
    });
  });

  test("an interruption is heard by a long file that waits for nothing", async () => {
    const interruption = new AbortController();
    setImmediate(() => interruption.abort());
    const { text, error } = await ran("print x\n".repeat(20_000), { signal: interruption.signal });
    expect(error?.code).toBe("cancelled");
    expect(text.length).toBeLessThan(40_000);
  });

  test("assert and expect have a status of their own", async () => {
    const failed = await ran('let n := 3\nassert $n > 3 else "too few: $n"');
    expect(failed.error).toMatchObject({ code: "expectation", message: 'too few: 3: it is "3"', location: { line: 2, column: 13 } });
    expect(statusOf(failed.error!)).toBe(3);
    expect(statusOf((await ran("expect images | count == 5")).error!)).toBe(3);
    expect(await printed("assert images | count == 1\nassert 1 == 1 or ps --quiet == x\nprint ok".replace("1 == 1", "images"))).toBe(
      "ok\n",
    );
  });

  test.each([
    ["rm nosuch", 1],
    ["! sh -c 'exit 9'", 9],
    ["ps --nosuch", 2],
    ["run", 2],
    ["print 'a", 2],
    ["expect ps == x", 3],
    ["timeout 10ms sleep 10s", 4],
    ["wait nosuch removed\nwait nosuch running 1s", 1],
    ["run --rm -e X busybox@sha256:nothing", 1],
  ])("%s ends with %d", async (source, status) => {
    const { error } = await ran(source, { env: { PATH: process.env["PATH"]! } });
    expect(statusOf(error!)).toBe(status);
  });
});

describe("time", () => {
  test("retry tries again, and gives up with the last failure", async () => {
    const source = "let n := 0\nretry 5 every 1ms { let n := $((n + 1)); assert $n == 3 }\nprint $n\nretry 2 { print try; rm nosuch }";
    const { text, error } = await ran(source);
    expect(text).toBe("3\ntry\ntry\n");
    expect(error).toMatchObject({ code: "not-found", location: { line: 4, column: 25 } });
  });

  test("timeout ends what takes longer, and says where it stood", async () => {
    expect(await printed("timeout 30s { print quick }")).toBe("quick\n");
    const { text, error } = await ran("timeout 20ms { defer print cleaned; sleep 30s }");
    expect(text).toBe("cleaned\n");
    expect(error).toMatchObject({ code: "timeout", message: "it took longer than 20ms", location: { line: 1, column: 9 } });
  });
});

describe("parallel", () => {
  test("runs all, gives all results, and binds what its lets bind", async () => {
    const source = `
      parallel { let a = list 1; let b := two; print three }
      print "\${a[0]} $b"
      func slow(n) { sleep 1ms; return "r$n" }
      parallel for n in 1..4 { let own := $n; return "r$own" }`;
    const { error } = await ran(source);
    expect(error?.message).toBe("return is not in a function");
    expect(await printed(source.replace('return "r$own" }', "print $own }"))).toMatch(/^three\n1 two\n(\d\n){4}$/);
  });

  test("lines of its branches do not mix, and no more run than it says", async () => {
    const env = { PATH: process.env["PATH"]! };
    const text = await printed("parallel 2 for n in 1..6 { ! sh -c 'printf a; sleep 0.01; echo b' }", { env });
    expect(text).toBe("ab\n".repeat(6));
  });

  test("what waits for its turn does not begin after an interruption, nor after exit", async () => {
    const controller = new AbortController();
    const onPrint = () => controller.abort();
    const source = "parallel 1 for x in a b c { defer print end $x; print $x; sleep 100s }";
    const { text, error } = await ran(source, { signal: controller.signal, onPrint });
    expect([text, error?.code]).toEqual(["a\nend a\n", "cancelled"]);
    expect(await printed("parallel 1 for x in a b c { print $x; exit 3 }")).toBe("a\n");
  });

  test("tells all failures, each with its place", async () => {
    const { error } = await ran("parallel {\n  rm one\n  print fine\n  rm two\n}");
    expect(error?.message).toBe("2 of 3 branches failed:\n  script:2:6: No such container: one\n  script:4:6: No such container: two");
    expect(error?.details).toMatchObject({ failures: [{ line: 2 }, { line: 4 }] });
  });
});

test("blocks in blocks have a limit, with a place", async () => {
  const deep = (open: string, close: string) => ran(open.repeat(1000) + close.repeat(1000));
  expect((await deep("if ps { ", "}\n")).error).toMatchObject({
    code: "syntax",
    message: "more than 100 statements in each other",
    location: { line: 1, column: 801 },
  });
  expect((await deep("repeat 2 ", "")).error).toMatchObject({ code: "syntax" });
  expect((await ran(`print $((${"(".repeat(1000)}1${")".repeat(1000)}))`)).error).toMatchObject({ code: "syntax", location: { line: 1 } });
});

describe("rows", () => {
  test.each([
    ["images | count", "1\n"],
    ["images | json .RepoTags[0]", '"busybox:latest"\n'],
    ["images | where .RepoTags contains busybox | count", "1\n"],
    ["images | where not .RepoTags contains busybox and .Size > 0 or .Id == x | count", "0\n"],
    ["images | where .Size > 1000 | table .RepoTags", "REPOTAGS\nbusybox:latest\n"],
    ["let xs = list b a c\n$xs | sort .", undefined],
    ["let xs = list b a c\nlet s = $xs | sort .Created desc\nprint $s", "b a c\n"],
    ["let xs = list b a c\nlet s = $xs | sort . desc | first 2\nprint $s ${s[1]}", "c b b\n"],
    ["print 'one two\nthree' | words | count", "3\n"],
    ["print 'b\na' | lines | first | cat", "b\n"],
    ["print 'b\na' | sort | first", "a\n"],
    ["for i in (images | where .Size > 1) { print ${i.RepoTags[0]} }", "busybox:latest\n"],
    ["expect images | count == 1\nlet n = images | count\nprint $((n + 1))", "2\n"],
    ["images --format '{{.Repository}}' | lines | json .", '"busybox"\n'],
    ["images | first | json .Id > id.txt\n! grep -c sha256 id.txt", "1\n"],
  ])("%s", async (source, text) => {
    expect(await printed(source, { env: { PATH: process.env["PATH"]! } })).toBe(text ?? "a\nb\nc\n");
  });

  test("what filters leave is shown as its command shows it", async () => {
    const [all, some] = [await printed("images"), await printed("images | where .Size > 1")];
    expect(some).toBe(all);
    expect(all).toMatch(/^REPOSITORY/);
  });

  test.each([
    ["ps | where", "where needs a condition"],
    ["ps | where .State", "where needs conditions"],
    ["ps | first a b", "first takes 1 word at most"],
    ["ps | json State", "expected a field such as .State.Running"],
    ["ps | count x", "count takes nothing at most"],
  ])("%s is refused", async (source, message) => {
    expect((await ran(source)).error?.message).toContain(message);
  });
});
