import { describe, expect, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import { toPattern } from "../../../../src/repl/frame/patterns.ts";
import { holds } from "../../../../src/repl/language/condition.ts";
import { parse } from "../../../../src/repl/language/parse.ts";
import type { Parsed } from "../../../../src/repl/language/statement.ts";
import { follow, idOf, pathSteps, textOf } from "../../../../src/repl/language/value.ts";
import { literal, type Word } from "../../../../src/repl/language/words.ts";
import { decodeKeys, ExpectTerminal } from "../../../../src/repl/terminals/expect-terminal.ts";

/** A statement with its words as text. */
function shape(source: string): unknown {
  const isWord = (value: unknown): value is Word => typeof value === "object" && value !== null && "parts" in value;
  const plain = (value: unknown): unknown => {
    if (isWord(value)) return literal(value);
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]) => (key === "start" || key === "end" ? [] : [[key, plain(member)]])),
    );
  };
  const [statement] = parse(source);
  return plain(statement as Parsed);
}

describe("statements", () => {
  test.each<[string, object]>([
    ["ps -a", { kind: "command", words: ["ps", "-a"] }],
    ["berth ps -a", { kind: "command", words: ["ps", "-a"] }],
    ["docker ps -a", { kind: "command", words: ["ps", "-a"] }],
    ["let id = docker run -d x", { kind: "let", name: "id", command: ["run", "-d", "x"] }],
    ["docker", { kind: "command", words: ["docker"] }],
    ["run x sh -c 'a | b > c'", { kind: "command", words: ["run", "x", "sh", "-c", "a | b > c"] }],
    ["let id = run -d x", { kind: "let", name: "id", command: ["run", "-d", "x"] }],
    ["let port := 80 80", { kind: "assign", name: "port", words: ["80", "80"] }],
    ["print a b", { kind: "print", words: ["print", "a", "b"] }],
    [
      "repeat 50 run --rm x true",
      { kind: "repeat", count: "50", every: undefined, body: [{ kind: "command", words: ["run", "--rm", "x", "true"] }] },
    ],
    ["repeat 2 every 1s ps", { kind: "repeat", count: "2", every: 1000, body: [{ kind: "command", words: ["ps"] }] }],
    ["watch ps", { kind: "repeat", count: undefined, every: 2000, body: [{ kind: "command", words: ["ps"] }] }],
    ["watch 5s { ps }", { kind: "repeat", count: undefined, every: 5000, body: [{ kind: "command", words: ["ps"] }] }],
    ["ps | grep x", { kind: "command", words: ["ps", "|", "grep", "x"] }],
    ["logs x >out", { kind: "command", words: ["logs", "x", ">", "out"] }],
    ["exec -i x cat <<EOF\na $b\nEOF\n", { kind: "command", words: ["exec", "-i", "x", "cat", "<<", "a $b\n"] }],
    ["run x sh -c { a }", { kind: "command", words: ["run", "x", "sh", "-c", "{", "a", "}"] }],
    ["! ls -l", { kind: "command", words: ["!", "ls", "-l"] }],
    ["for x in 1..3 $y { print $x }", { kind: "for", name: "x", words: ["1..3", "$y"], body: [{ kind: "print", words: ["print", "$x"] }] }],
    ["sleep 5ms", { kind: "sleep", duration: "5ms" }],
    ["source lib", { kind: "source", path: "lib" }],
    ["set stop off", { kind: "set", option: "stop", on: false }],
    ["record off", { kind: "record", path: undefined }],
    ["screen @sh", { kind: "screen", session: "sh" }],
    ["cd /tmp", { kind: "cd", directory: "/tmp" }],
    ["vars", { kind: "vars" }],
    ["exit 3", { kind: "exit", status: "3" }],
    ["spawn @sh run -it x", { kind: "spawn", session: "sh", command: ["run", "-it", "x"] }],
    ["send @sh 'ls\\r'", { kind: "send", session: "sh", words: ["ls\\r"], enter: false }],
    ["sendline @sh ls -l", { kind: "send", session: "sh", words: ["ls", "-l"], enter: true }],
    ["sendline echo @sh ls", { kind: "send", session: "sh", words: ["ls"], enter: true, echo: 10_000 }],
    ["send echo 2s @sh x", { kind: "send", session: "sh", words: ["x"], enter: false, echo: 2000 }],
    ["send @sh echo x", { kind: "send", session: "sh", words: ["echo", "x"], enter: false }],
    ["resize @sh 120x40", { kind: "resize", session: "sh", size: "120x40" }],
    ["close @sh", { kind: "close", session: "sh" }],
  ])("%s", (source, statement) => {
    expect(shape(source)).toEqual(statement);
  });

  test.each<[string, object]>([
    [
      "expect 5s inspect web .State.Running == true",
      { timeout: 5000, command: ["inspect", "web"], check: { kind: "value", path: ".State.Running", operator: "==", wanted: "true" } },
    ],
    ["expect ps -q != ''", { timeout: 0, command: ["ps", "-q"], check: { kind: "value", path: undefined, operator: "!=", wanted: "" } }],
    ["expect ${id.State.Pid} > 0", { command: ["$id.State.Pid"], check: { kind: "value", path: undefined, operator: ">", wanted: "0" } }],
    ['expect logs web "listening"', { command: ["logs", "web"], check: { kind: "value", operator: "contains", wanted: "listening" } }],
    ["expect status 3 run --rm x false", { command: ["run", "--rm", "x", "false"], check: { kind: "status", wanted: "3" } }],
    ["expect fails rm web", { command: ["rm", "web"], check: { kind: "fails", text: undefined } }],
    ['expect fails "no such" rm web', { command: ["rm", "web"], check: { kind: "fails", text: "no such" } }],
    ["expect not inspect web", { negated: true, command: ["inspect", "web"], check: { kind: "succeeds" } }],
    ["expect ps -q | wc -l == 3", { command: ["ps", "-q", "|", "wc", "-l"], check: { kind: "value", operator: "==", wanted: "3" } }],
    ["expect 1m inspect web", { timeout: 60_000, command: ["inspect", "web"], check: { kind: "succeeds" } }],
  ])("%s", (source, statement) => {
    expect(shape(source)).toMatchObject({ kind: "expect", ...statement });
  });

  test.each<[string, object]>([
    ['expect @sh "/ #"', { session: "sh", timeout: undefined, patterns: ["/ #"], closed: false }],
    ["expect 2s @sh /[0-9]+/", { session: "sh", timeout: 2000, patterns: ["/[0-9]+/"], closed: false }],
    ['expect @sh a or "b c" or /d/', { patterns: ["a", "b c", "/d/"] }],
    ["expect @sh closed == 3", { session: "sh", closed: true, status: "3" }],
    ["expect @sh closed", { session: "sh", closed: true, status: undefined }],
  ])("%s", (source, statement) => {
    expect(shape(source)).toMatchObject({ kind: "expect-session", ...statement });
  });
});

test.each([
  ["ps || ps", "|| belongs to the shell: this language joins commands by | > >> < << only", 4],
  ["ps |", "| needs a program", 4],
  ["ps > | x", "> needs a file", 4],
  ["| x", "there is no command before |", 1],
  ["ps > a | b", "the output goes to a file", 8],
  ["!", "! needs a program of this host", 2],
  ["break", "break is not in a loop", 1],
  ["else { ps }", "there is no if before this else", 1],
  ["if ps", "if needs a block: { … }", 6],
  ["if ps {print x}", "if needs a block, whose { and } stand between blanks", 7],
  ["func f(a){ print $a }", "func needs a block, whose { and } stand between blanks", 6],
  ["if ps { print x}", "this block is not closed: a } between blanks is missing", 7],
  ["sleep 1s 2s", "sleep takes no more words", 10],
  ["source a b", "source takes no more words", 10],
  ["for x in a { break now }", "break takes no more words", 20],
  ["set echo on off", "set takes no more words", 13],
  ["exit 1 2", "exit takes no more words", 8],
  ["close @sh now", "close takes no more words", 11],
  ["expect @sh closed == 3 4", 'expected "== STATUS" after closed', 24],
  ["if $x == a b { ps }", "one text is compared", 12],
  ["expect inspect web .Name in a b c", "one text is compared", 31],
  ["}", "there is no block that this } closes", 1],
  ["parallel { { print } }", "a block stands behind what runs it, such as if, for, try or timeout", 12],
  ["for x in $rows | json .Id { print $x }", "what a | joins stands in parentheses, as in (ps | json .Id)", 16],
  ["func f() { return $x | count }", "what a | joins stands in parentheses", 22],
  ["for x { ps }", 'for needs "NAME in WORDS… { … }"', 5],
  ["if ps { ps } else ps", "else needs a block", 21],
  ["set ecko on", "set needs one of echo, timing, stop, json", 5],
  ["set echo", "set echo needs on or off", 9],
  ["repeat 2 every x ps", "every needs a duration such as 2s", 16],
  ["logs x 2>&1", "2>&1 belongs to the shell", 8],
  ["run x &", "& belongs to the shell", 7],
  ["let", "let needs a name of letters, digits and underscores", 4],
  ["let 9a = ps", "let needs a name", 5],
  ["let x ps", 'let x needs "= COMMAND" or ":= TEXT"', 7],
  ["let x =", "= needs a command line", 8],
  ["send sh x", "send needs a session such as @shell", 6],
  ["expect", "expect needs a condition", 7],
  ["expect 5s", "expect needs a condition", 7],
  ["expect @sh a b", 'expected "or" between two patterns', 14],
  ["expect @sh a or", "a session is expected to write a pattern", 16],
  ["expect @sh", "a session is expected to write a pattern", 11],
  ["repeat 5", "repeat needs a number and a statement", 7],
  ["cd", "cd needs a directory", 3],
])("%s is refused", (source, message, column) => {
  try {
    parse(source, "script");
    throw new Error("was accepted");
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).message).toContain(message);
    expect((error as EngineError).location).toMatchObject({ file: "script", line: 1, column });
  }
});

test.each<[unknown, Parameters<typeof holds>[1], string, boolean]>([
  [true, "==", "true", true],
  [5, "==", "5.0", true],
  ["5", "!=", "6", true],
  [10, ">", "9", true],
  ["10", "<", "9", false],
  ["b", ">", "a", true],
  [3, "<=", "3", true],
  ["one two", "contains", "two", true],
  [["a", "bc"], "contains", "a", true],
  [["a", "bc"], "contains", "d", false],
  ["port 8080", "matches", "/port \\d+/", true],
  ["x", "matches", "^y$", false],
  ["running", "in", "created, running", true],
  ["dead", "in", "created,running", false],
  ["", "==", "0", false],
  ["9007199254740993", "==", "9007199254740992", false],
  ["1700000000000000002", ">", "1700000000000000001", true],
  ["10e1", "==", "1e2", false],
  ["0x10", "==", "16", false],
  [1e22, ">", "1e+21", true],
])("%j %s %s is %s", (actual, operator, wanted, truth) => {
  expect(holds(actual, operator, wanted)).toBe(truth);
});

describe("blocks", () => {
  test("nest, on one line and on several; else follows the brace", () => {
    const one = shape("if ps { repeat 2 { print a } } else if not ps { print b } else { for x in $y { break } }");
    expect(shape("if ps {\n  repeat 2 {\n    print a }\n} else if not ps {\n print b\n} else {\nfor x in $y {\nbreak\n}\n}\n")).toEqual(
      one,
    );
    expect(one).toMatchObject({
      kind: "if",
      test: { kind: "expect", command: ["ps"] },
      body: [{ kind: "repeat", body: [{ kind: "print" }] }],
      otherwise: [
        { kind: "if", test: { negated: true }, body: [{ kind: "print" }], otherwise: [{ kind: "for", body: [{ kind: "break" }] }] },
      ],
    });
  });

  test("know where they end, for what records them", () => {
    const source = "if ps {\n  print a\n}\nrepeat 2 print b\nexec -i x cat <<E\ny\nE\nprint c";
    expect(parse(source).map(({ start, end }) => source.slice(start, end))).toEqual([
      "if ps {\n  print a\n}",
      "repeat 2 print b",
      "exec -i x cat <<E\ny\nE",
      "print c",
    ]);
  });

  test.each(["if ps {", "for x in a {\n print $x\n", "exec -i x cat <<EOF\nhello\n", "print 'a", "print \\"])(
    "%j asks for more lines",
    (source) => {
      expect(() => parse(source)).toThrow(expect.objectContaining({ details: expect.objectContaining({ incomplete: true }) }));
    },
  );

  test("a text of lines: tabs dropped, variables left alone on demand", () => {
    expect(shape("exec -i x cat <<-'E' > f\n\t\ta $b \\$c\n\tE\n")).toMatchObject({
      words: ["exec", "-i", "x", "cat", "<<", "a $b \\$c\n", ">", "f"],
    });
    expect(() => parse("exec x <<E\na\nE\nif\n", "script")).toThrow(
      expect.objectContaining({ location: expect.objectContaining({ line: 4 }) }),
    );
  });
});

describe("values", () => {
  test.each<[unknown, string]>([
    ["text", "text"],
    [42, "42"],
    [null, ""],
    [undefined, ""],
    [["a", "b"], "a b"],
    [{ Id: "abc", detached: false }, "abc"],
    [{ Id: "abc", Output: "said" }, "said"],
    [{ Id: "abc", Output: "" }, "abc"],
    [{ Name: "vol", Driver: "local" }, "vol"],
    [[{ Id: "abc" }], "abc"],
    [[{ Id: "abc" }, { Name: "def" }], "abc def"],
    [[{ Id: "abc" }, { x: 1 }], '[{"Id":"abc"},{"x":1}]'],
    [{ x: 1 }, '{"x":1}'],
  ])("%j as text is %j", (value, text) => {
    expect(textOf(value)).toBe(text);
  });

  const value = { State: { Running: true }, Names: ["/a"], Ports: { "80/tcp": [{ HostPort: "8080" }] }, Labels: { "a.b": "c" } };
  test.each<[string, unknown]>([
    ["State.Running", true],
    [".State.Running", true],
    ["Names[0]", "/a"],
    ["Names.0", "/a"],
    ["Ports[80/tcp][0].HostPort", "8080"],
    ["Ports[80/tcp].HostPort", "8080"],
    ['Labels["a.b"]', "c"],
  ])("%s", (path, found) => {
    expect(follow(value, pathSteps(path))).toEqual({ value: found });
    expect(follow([value], pathSteps(path))).toEqual({ value: found });
  });

  test("a missing step says what is there", () => {
    expect(follow(value, ["State", "Pid"])).toEqual({ missing: "Pid", known: ["Running"] });
    expect(idOf([{ Id: "x" }])).toBe("x");
    expect(idOf("x")).toBeUndefined();
  });
});

describe("the terminal of a spawned command", () => {
  test("expectations consume what they match, through escape sequences", () => {
    const terminal = new ExpectTerminal();
    terminal.output.write(Buffer.from("\x1b[1;32muser\x1b[0m@host:~# \x1b]0;title\x07echo 42\r\n42\r\n"));
    expect(terminal.take([toPattern("user@host")])?.match[0]).toBe("user@host");
    expect(terminal.take([toPattern("user")])).toBeUndefined();
    const taken = terminal.take([toPattern("nothing"), toPattern("/(\\d+)\\r\\n(\\d+)/"), toPattern("/\\d/")]);
    expect(taken).toMatchObject({ which: 1, before: ":~# echo " });
    expect(taken?.match.slice(1)).toEqual(["42", "42"]);
    expect(terminal.pending).toBe("\r\n");
  });

  test("characters split between chunks arrive whole", () => {
    const terminal = new ExpectTerminal();
    const bytes = Buffer.from("größe");
    terminal.output.write(bytes.subarray(0, 3));
    terminal.output.write(bytes.subarray(3));
    expect(terminal.take([toPattern("größe")])?.match[0]).toBe("größe");
  });

  test("resizing tells the command", () => {
    const terminal = new ExpectTerminal();
    const sizes: number[][] = [];
    const stop = terminal.onResize(() => sizes.push([terminal.columns, terminal.rows]));
    terminal.resize(120, 40);
    stop();
    terminal.resize(10, 10);
    expect(sizes).toEqual([[120, 40]]);
  });

  test.each([
    ["ls\\r", "ls\r"],
    ["^C^d", "\x03\x04"],
    ["\\x1b[A\\e\\t\\\\ \\^", "\x1b[A\x1b\t\\ ^"],
    ["100% $x", "100% $x"],
  ])("send %j types %j", (text, keys) => {
    expect(decodeKeys(text)).toBe(keys);
  });
});

test("a name that is glued to its sign is taken apart", () => {
  for (const source of ["let a=1", "let a:=1"])
    expect(() => parse(source, "script")).toThrow(expect.objectContaining({ suggestion: "let a := 1" }));
});
