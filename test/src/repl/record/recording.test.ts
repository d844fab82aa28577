/** Recordings: what is kept of what was done, and what is not. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "../../../../src/repl/language/parse.ts";
import { handlesOf, nameFor, withVariable } from "../../../../src/repl/record/bindings.ts";
import { dialogueOf, type Heard } from "../../../../src/repl/record/dialogue.ts";
import { lineDiff } from "../../../../src/repl/record/line-diff.ts";
import { type Done, Recording } from "../../../../src/repl/record/recording.ts";
import { normalised, scrubbed, scrubbedSource } from "../../../../src/repl/record/volatile.ts";
import fc from "../../../support/property.ts";

const id = "4af3c9d2e1b05a6f7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";

function recorded(...all: (Partial<Done> & { source: string })[]): string {
  const folder = mkdtempSync(join(tmpdir(), "berth-recording-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "made.berth");
  const recording = new Recording(path, ["hunter22"]);
  for (const done of all) recording.add({ isCommand: true, result: undefined, printed: "", ...done });
  const text = readFileSync(path, "utf8");
  expect(() => parse(text)).not.toThrow();
  return text.replace("#!/usr/bin/env -S berth repl\n", "");
}

describe("results that later lines name", () => {
  const run = { source: "run -d --name web busybox sleep 60", result: { Id: id }, printed: `${id}\n` };

  test("become variables, where the line that made them stands", () => {
    expect(recorded(run, { source: "print x" }, { source: `stop ${id.slice(0, 12)}` }, { source: `rm ${id}` })).toBe(
      "let web = run -d --name web busybox sleep 60\nprint x\nstop $web\nrm $web\n",
    );
  });

  test("are known by the beginning of an id, in quotes, and in front of a path", () => {
    expect(recorded(run, { source: `cp ${id.slice(0, 6)}:/etc/passwd .` }, { source: `exec x sh -c 'echo ${id} "$HOME"'` })).toContain(
      `cp \${web}:/etc/passwd .\nexec x sh -c 'echo '"$web"' "$HOME"'\n`,
    );
  });

  test("have the field of the id where something else was printed", () => {
    const foreground = { source: "run busybox echo hi", result: { Id: id, exitCode: 0 }, printed: "hi\n" };
    expect(recorded(foreground, { source: `rm ${id.slice(0, 8)}` })).toBe("let container = run busybox echo hi\nrm ${container.Id}\n");
  });

  test("keep a name that they have already, and what nobody names stays a line", () => {
    const bound = { ...run, source: "let mine = run -d busybox sleep 60", name: "mine", isCommand: false, printed: "" };
    expect(recorded(bound, { source: `stop ${id}` })).toBe("let mine = run -d busybox sleep 60\nstop ${mine.Id}\n");
    expect(recorded(run, { source: "ps 4a" })).toBe("run -d --name web busybox sleep 60\n#> <id>\nps 4a\n");
  });

  test("are known by a name that nobody chose", () => {
    const nameless = { ...run, source: "run -d busybox sleep 60", madeName: "calm_harbor" };
    expect(recorded(nameless, { source: "logs calm_harbor" }, { source: "logs calm_harbor2" })).toBe(
      "let container = run -d busybox sleep 60\nlogs $container\nlogs calm_harbor2\n",
    );
  });

  test("are told by their ids where a command repeats what it was given", () => {
    expect(recorded(run, { source: `rm -f ${id.slice(0, 5)}`, printed: `${id.slice(0, 5)}\n` })).toContain("rm -f $web\n#> <id>\n");
    const nameless = { ...run, source: "run -d busybox sleep 60", madeName: "calm_harbor" };
    expect(recorded(nameless, { source: "rm -f calm_harbor", printed: "calm_harbor\n" })).toContain("rm -f $container\n#> <id>\n");
  });

  test("have names of their own", () => {
    expect(nameFor("run --name=web x", () => false)).toBe("web");
    expect(nameFor("run --name my-web x", (name) => name === "container")).toBe("container2");
    expect(nameFor("network create n", () => false)).toBe("network");
    expect(nameFor("build -t app:1 .", () => false)).toBe("app");
  });

  test("whatever a line is, it reads as before with a variable in it", () => {
    const word = fc.constantFrom(id, id.slice(0, 12), `'${id}'`, `"x ${id} y"`, "stop", "'a b'", `a\\ b`, `${id}:/x`, "|", ">");
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const source = `exec ${words.join(" ")}`;
        const [handle] = handlesOf({ Id: id }, id);
        const made = withVariable(source, handle!, "x");
        if (made === undefined) return;
        expect(made).not.toContain(id);
        expect(made.split("x").length).toBeGreaterThan(1);
      }),
    );
  });
});

describe("what was printed", () => {
  test.each([
    [`${id}\n`, ["<id>"]],
    ["4af3c9d2e1b0   busybox   Up 3 seconds", ["<id>  busybox  Up <time>"]],
    ["Up Less than a second  0.0.0.0:49153->80/tcp", ["Up <time>  0.0.0.0:<port>->80/tcp"]],
    ["0.0.0.0:8080->80/tcp, [::]:32768->80/tcp", ["0.0.0.0:8080->80/tcp, [::]:<port>->80/tcp"]],
    ["Exited (3) About a minute ago", ["Exited (3) <time> ago"]],
    ['"StartedAt": "2026-11-29T20:51:31.123456789Z"', ['"StartedAt": "<time>"']],
    ["2026-11-29 20:51:31 +0000 UTC", ["<time>"]],
    ["Sun Nov 29 20:51:31 UTC 2026", ["<time>"]],
    ["done in 12.5ms, 1.25s", ["done in <time>, <time>"]],
    [`sha256:${id}`, ["<digest>"]],
    ["brave_schooner and my_schooner", ["<name> and my_schooner"]],
    ["172.17.0.2 02:42:ac:11:00:02 8.8.8.8", ["<address> <mac> 8.8.8.8"]],
    ["\x1b[31mred\x1b[0m\r\n\n", ["red"]],
    ["123456789012 is a number", ["123456789012 is a number"]],
    ["10 MB of 512m, port 8080, 3.5 GB", ["10 MB of 512m, port 8080, 3.5 GB"]],
  ])("%j is compared as %j", (text, lines) => {
    expect(normalised(text)).toEqual(lines);
    expect(normalised(lines.join("\n"))).toEqual(lines);
  });

  test.each([
    ['"Env": ["DB_PASSWORD=x y", "A=b"]', '"Env": ["DB_PASSWORD=***", "A=b"]'],
    ['{"Token": "abc", "Name": "n"}', '{"Token": ***, "Name": "n"}'],
    ["password: hunter2", "password: ***"],
    ["https://me:secret@host/x", "https://me:***@host/x"],
    ["Authorization: Bearer abcdefghij", "Authorization: Bearer ***"],
    ["it was hunter22 all along", "it was *** all along"],
  ])("%j is kept as %j", (text, safe) => {
    expect(scrubbed(text, ["hunter22"])).toBe(safe);
  });

  test.each([
    ["exec web sh -c 'DB_PASSWORD=x env'", "exec web sh -c 'DB_PASSWORD=*** env'"],
    ["let token = run -d busybox", "let token = run -d busybox"],
    ['run -e "API_TOKEN=${env.API_TOKEN}" x', 'run -e "API_TOKEN=${env.API_TOKEN}" x'],
    ["expect inspect x .token == y", "expect inspect x .token == y"],
    ["print hunter22", "print ***"],
  ])("the line %j as %j", (line, safe) => {
    expect(scrubbedSource(line, ["hunter22"])).toBe(safe);
  });

  test("stands below its line, without secrets; too much of it is not for comparing", () => {
    expect(recorded({ source: "ps", printed: "a\n\nhunter22\n" })).toBe("ps\n#> a\n#>\n#> ***\n");
    expect(recorded({ source: "ps", printed: "x\n".repeat(201) })).toBe("ps\n");
    expect(recorded({ source: "ps", printed: undefined })).toBe("ps\n");
    expect(recorded({ source: "login -u me -p hunter22 host" })).toBe("login -u me -p ${env.PASSWORD} host\n");
  });
});

test("what was a secret in one line is one in all that follows", () => {
  const made = recorded(
    { source: "run -d -e DB_PASSWORD=openSesame x" },
    { source: "logs x", printed: "connecting with openSesame\n" },
    { source: "exec x sh -c 'test $P = openSesame'" },
    {
      source: "exec -it x sh",
      dialogue: {
        program: "sh",
        heard: [
          { from: "program", text: "Code for openSesame: " },
          { from: "person", text: "geheim\r" },
          { from: "program", text: "\r\nhello geheim\r\n# " },
          { from: "person", text: "\x04" },
        ],
        status: 0,
      },
    },
    { source: "logs x", printed: "hello geheim\n" },
  );
  expect(made).not.toMatch(/openSesame|geheim/);
  expect(made).toContain('sendline @sh "${env.');
  expect(recorded({ source: "run -e USE_AUTH=true x" }, { source: "ps", printed: "true\n" })).toContain("#> true\n");
});

describe("a terminal", () => {
  const typed = (text: string): Heard => ({ from: "person", text });
  const wrote = (text: string): Heard => ({ from: "program", text });
  /** Each key is shown as it is typed. */
  const line = (text: string) => [...[...text].flatMap((key) => [typed(key), wrote(key)]), typed("\r"), wrote("\r\n")];

  test("what was typed is sent when its prompt is there, and an answer that stays the same is expected", () => {
    expect(
      dialogueOf([wrote("/ # \x1b[6n"), typed("\x1b[1;5R"), ...line("echo it works"), wrote("it works\r\n/ # "), ...line("exit 3")], "sh"),
    ).toEqual(["expect @sh '/ #'", "sendline @sh 'echo it works'", "expect @sh 'it works'", "expect @sh '/ #'", "sendline @sh 'exit 3'"]);
  });

  test("of a prompt only that is expected which will be the same", () => {
    expect(dialogueOf([wrote(`root@${id.slice(0, 12)}:/# `), ...line("ls")], "sh")).toEqual(["expect @sh ':/#'", "sendline @sh ls"]);
    expect(dialogueOf([wrote("\x1b[32m20:51:31\x1b[0m $ "), ...line("ls")], "sh")).toEqual(["expect @sh '$'", "sendline @sh ls"]);
    expect(dialogueOf([wrote("/x/ "), ...line("ls")], "sh")).toEqual(["expect @sh x/", "sendline @sh ls"]);
  });

  test("what is taken back is not sent, and keys that act at once are", () => {
    expect(
      dialogueOf([wrote("$ "), ...line("lx\x7fs"), wrote("$ "), ...line("sleep 9"), typed("\x03"), wrote("^C\r\n$ "), typed("\x04")], "sh"),
    ).toEqual([
      ...["expect @sh '$'", "sendline @sh ls", "expect @sh '$'", "sendline @sh 'sleep 9'", "send @sh '^C'"],
      ...["expect @sh '$'", "send @sh '^D'"],
    ]);
  });

  test("other keys are written as send has them", () => {
    expect(dialogueOf([wrote("> "), typed("\x1b[A"), wrote("ls"), typed("\t^\\'"), wrote("^\\'"), typed("\r")], "x")).toEqual([
      "expect @x '>'",
      `sendline @x '\\e[A\\t\\^\\\\'\\'''`,
    ]);
  });

  test("an empty line is sent, and what was typed ahead in its turn", () => {
    expect(dialogueOf([wrote("more? "), typed("\r"), wrote("\r\n"), wrote("$ "), typed("a\rb\r"), wrote("a\r\nb\r\n")], "x")).toEqual([
      ...["expect @x 'more?'", "sendline @x", "expect @x '$'", "sendline @x a", "sendline @x b"],
    ]);
  });

  test("what is not shown as it is typed, and what is asked for by such a name, is a secret", () => {
    const asked = [wrote("Password: "), ...[..."hunter2"].map(typed), typed("\r"), wrote("\r\nWelcome, hunter2\r\n# ")];
    expect(dialogueOf([...asked, ...line("id")], "db")).toEqual([
      ...["expect @db Password:", 'sendline @db "${env.PASSWORD}"', "expect @db '#'", "sendline @db id"],
    ]);
    const silent = [wrote("Password: "), ...[..."hunter2"].map(typed), typed("\r"), wrote("# "), ...line("id")];
    expect(dialogueOf(silent, "db")).toEqual([
      ...["expect @db Password:", 'sendline @db "${env.PASSWORD}"', "expect @db '#'", "sendline @db id"],
    ]);
    expect(dialogueOf([wrote("$ "), typed("geheim\r"), wrote("\r\n")], "db")).toContain('sendline @db "${env.PASSWORD}"');
    expect(dialogueOf([wrote("API token? "), ...line("abc")], "db")).toContain('sendline @db "${env.TOKEN}"');
    expect(dialogueOf([wrote("$ "), ...line("export DB_PASSWORD=x y")], "db")).toContain(
      `sendline @db 'export ''DB_PASSWORD='"\${env.DB_PASSWORD}"' y'`,
    );
  });

  test("stands in the recording as a terminal of its own", () => {
    const dialogue = { program: "sh", heard: [wrote("# "), ...line("exit")], status: 0 };
    expect(
      recorded({ source: "exec -it web sh", dialogue }, { source: "exec -it db sh", dialogue: { ...dialogue, status: undefined } }),
    ).toBe(
      [
        ...["spawn @sh exec -it web sh", "expect @sh '#'", "sendline @sh exit", "expect @sh closed == 0"],
        ...["spawn @sh2 exec -it db sh", "expect @sh2 '#'", "sendline @sh2 exit", "expect @sh2 closed", ""],
      ].join("\n"),
    );
  });

  test("anything at all becomes statements that read", () => {
    const keys = fc.constantFrom(..."ab '\"$\\^;#{}|@/\r\t\x03\x7f".split(""), "\x1b[A", "\x1b[200~", "é", "DB_TOKEN=x");
    const heard = fc.array(fc.oneof(keys.map(typed), keys.map(wrote), fc.constantFrom("\r\n", "$ ", "/a/ ", "or", "eof").map(wrote)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(heard, (all) => {
        for (const each of dialogueOf(all, "x")) expect(() => parse(each), each).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

test("a difference is the fewest lines, with a little around them", () => {
  const text = (before: string, after: string) =>
    lineDiff(before.split(""), after.split(""))
      .map(({ kind, line }) => kind + line)
      .join("|");
  expect(text("abcdefg", "abcxefg")).toBe(" b| c|-d|+x| e| f");
  expect(text("ab", "ab")).toBe("");
  expect(text("", "a")).toBe("+a");
  expect(text("aab", "ab")).toBe(" a|-a| b");
});
