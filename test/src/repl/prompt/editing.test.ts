/** The editor's parts: editing, colours, drawing, candidates, pages. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { painter } from "../../../../src/print.ts";
import { completion, inColumns } from "../../../../src/repl/prompt/candidates.ts";
import { draw } from "../../../../src/repl/prompt/draw.ts";
import { EditText } from "../../../../src/repl/prompt/edit-text.ts";
import { highlight } from "../../../../src/repl/prompt/highlight.ts";
import { History } from "../../../../src/repl/prompt/history.ts";
import { meaningOf, metas } from "../../../../src/repl/prompt/meta.ts";
import { Page } from "../../../../src/repl/prompt/pager.ts";
import { BackwardSearch } from "../../../../src/repl/prompt/search.ts";
import { Session } from "../../../../src/repl/session.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import fc from "../../../support/property.ts";
import { Screen } from "../../../support/screen.ts";

/** A text with its cursor as |. */
function pressed(before: string, ...keys: string[]): string {
  const edited = new EditText();
  edited.set(before.replace("|", ""), before.indexOf("|"));
  for (const key of keys) if (!edited.press(key)) edited.insert(key);
  return `${edited.text.slice(0, edited.cursor)}|${edited.text.slice(edited.cursor)}`;
}

test.each([
  ["ab|c", ["left"], "a|bc"],
  ["e\u0301👨‍👩‍👧|", ["left"], "e\u0301|👨‍👩‍👧"],
  ["e\u0301👨‍👩‍👧|", ["backspace", "backspace"], "|"],
  ["run -d web|", ["ctrl-w"], "run -d |"],
  ["exec a/b.c|", ["alt-backspace"], "exec a/b.|"],
  ["one two| three", ["alt-b", "alt-d"], "one | three"],
  ["one |two", ["ctrl-k", "ctrl-a", "ctrl-y"], "two|one "],
  ["a\nb c|d\ne", ["ctrl-u"], "a\n|d\ne"],
  ["a\nb|c\nd", ["home"], "a\n|bc\nd"],
  ["a\nb|c\nd", ["ctrl-e", "ctrl-k"], "a\nbc|d"],
  ["one two three|", ["ctrl-w", "ctrl-w", "ctrl-y"], "one two three|"],
  ["one two| three", ["ctrl-w", "ctrl-k", "ctrl-a", "ctrl-y"], "two three|one "],
  ["one two|", ["ctrl-w", "left", "ctrl-w", "ctrl-e", "ctrl-y"], " one|"],
  ["ab|", ["ctrl-t"], "ba|"],
  ["ab|", ["x", "ctrl-w", "ctrl-_", "ctrl-_"], "ab|"],
  ["ab|", ["x", "\x1f"], "ab|"],
  ["|", ["\x1b[31m\tx"], "[31m  x|"],
])("%j with %j is %j", (before, keys, after) => {
  expect(pressed(before, ...keys)).toBe(after);
});

test("up and down keep the column, and stop at the edges", () => {
  const edited = new EditText();
  edited.set("long line\nx\nlast one", 6);
  expect([edited.vertical(1), edited.cursor]).toEqual([true, 11]);
  expect([edited.vertical(1), edited.cursor]).toEqual([true, 13]);
  expect(edited.vertical(1)).toBe(false);
  expect([edited.vertical(-1), edited.vertical(-1), edited.vertical(-1)]).toEqual([true, true, false]);
});

test("whatever is pressed, the cursor is in the text, between characters", () => {
  const moves =
    "up down left right home end alt-left alt-right backspace delete ctrl-w alt-backspace alt-d ctrl-u ctrl-k ctrl-y ctrl-t ctrl-_";
  const keys = fc.array(fc.oneof(fc.constantFrom(...moves.split(" ")), fc.constantFrom("a b", "\n", "👍", "e\u0301", "'", "\x1b")), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(keys, (all) => {
      const edited = new EditText();
      for (const key of all) {
        if (key === "up" || key === "down") edited.vertical(key === "up" ? -1 : 1);
        else if (!edited.press(key)) edited.insert(key);
        expect(edited.cursor).toBeGreaterThanOrEqual(0);
        expect(edited.cursor).toBeLessThanOrEqual(edited.text.length);
        expect(edited.text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
        expect([edited.text.isWellFormed(), edited.text.slice(0, edited.cursor).isWellFormed()]).toEqual([true, true]);
      }
    }),
  );
});

const vocabulary = {
  isKeyword: (word: string) => ["let", "print", "expect", "for", "in"].includes(word),
  isCommand: (word: string) => ["run", "ps", "container"].includes(word),
};

/** A source with what is coloured in brackets. */
function coloured(source: string, cursor = -1): string {
  let text = "";
  let at = 0;
  for (const { start, end, style } of highlight(source, vocabulary, cursor)) {
    text += `${source.slice(at, start)}[${style} ${source.slice(start, end)}]`;
    at = end;
  }
  return text + source.slice(at);
}

describe("colours", () => {
  test.each([
    ["run -d x", "[cyan run] [yellow -d] x"],
    ["nosuch x", "[red nosuch] x"],
    ["let x = run 'a b'", "[bold let] x = [cyan run] [green 'a b']"],
    ['print "a $b ${c.d} \\$e', '[bold print] [green "a ][magenta $b][green  ][magenta ${c.d}][green  \\$e]'],
    ["ps | where .a == $x; ps # run", "[cyan ps] [blue |] where .a == [magenta $x]; [cyan ps] [dim # run]"],
    ["for x in (ps -a) { run y }", "[bold for] x in [cyan (ps] [yellow -a)] [bold {] [cyan run] y [bold }]"],
    ["expect 5s ps and run", "[bold expect] 5s [cyan ps] [bold and] [cyan run]"],
    ["print run", "[bold print] run"],
    ["ps a#b 'open", "[cyan ps] a#b [green 'open]"],
    ["$x", "[magenta $x]"],
  ])("%s", (source, wanted) => {
    expect(coloured(source)).toBe(wanted);
  });

  test("a word that is being typed is not unknown yet", () => {
    expect(coloured("nos", 3)).toBe("nos");
    expect(coloured("nos x", 5)).toBe("[red nos] x");
  });

  test("of anything at all they are in order, within it, and come at once", () => {
    const pieces = fc.array(fc.constantFrom(..."'\"\\$#{}()|><;\n ab".split(""), "${a", "$((", "run", "<<E"), { maxLength: 60 });
    fc.assert(
      fc.property(pieces, (all) => {
        const source = all.join("");
        let at = 0;
        for (const { start, end } of highlight(source, vocabulary)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(at).toBeLessThanOrEqual(source.length);
      }),
    );
  });
});

describe("a drawn text", () => {
  const parts = { prompt: "> ", continuation: "  . ", spans: [], ghost: "", below: [] };

  test("is broken where the terminal ends, with the cursor where it is typed", async () => {
    const text = fc.array(fc.constantFrom("a", "b ", "\n", "漢", "é", "👍"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 10, max: 14 }), fc.nat(), async (pieces, columns, at) => {
        const whole = pieces.join("");
        const starts = pieces.map((_, index) => pieces.slice(0, index).join("").length);
        const cursor = [...starts, whole.length][at % (pieces.length + 1)]!;
        const { output, row, column, rows } = draw({ ...parts, text: whole, cursor }, columns, painter(false));
        const screen = new Screen(columns, 40);
        screen.feed(output);
        await new Promise<void>((done) => screen.terminal.write("", done));
        const { active } = screen.terminal.buffer;
        expect(rows).toBe(active.cursorY + 1);
        const shown = screen.lines().slice(0, rows);
        expect(row).toBeLessThan(rows + 1);
        expect(column).toBeLessThan(columns);
        // What is before the cursor stands before it.
        expect(shown.join("").replaceAll(/[\s.>]/g, "")).toBe(whole.replaceAll(/\s/g, ""));
      }),
      { numRuns: 100 },
    );
  });

  test("has its colours, a hint behind it, and candidates below, cut at the edge", () => {
    const spans = [{ start: 0, end: 3, style: "cyan" as const }];
    const { output, row, column, rows } = draw(
      { ...parts, text: "run x", cursor: 5, spans, ghost: " busybox", below: ["alpha beta gamma"] },
      16,
      painter(true),
    );
    expect(output).toBe("\x1b[1m> \x1b[0m\x1b[36mrun\x1b[0m x\x1b[2m busybox\x1b[0m\r\nalpha beta gamma");
    expect({ row, column, rows }).toEqual({ row: 0, column: 7, rows: 2 });
  });
});

test("Tab adds what all have in common, and a blank behind the only one", () => {
  expect(completion("ps --f", "--f", ["--filter", "--format"])).toEqual({ insert: "" });
  expect(completion("ps --fo", "--fo", ["--format"])).toEqual({ insert: "rmat " });
  expect(completion("cp we", "we", ["web1", "web2"])).toEqual({ insert: "b" });
  expect(completion("import ", "", ["dir/"])).toEqual({ insert: "dir/" });
  expect(completion("import a", "a", ["a b.tar"])).toEqual({ insert: "\\ b.tar " });
  expect(completion("stop 'we", "we", ["web"])).toEqual({ insert: "b " });
  expect(completion("stop 'we'", "we", ["web"])).toEqual({ insert: "" });
  expect(completion('print "$x $mi', "$mi", ["$mine"])).toEqual({ insert: "ne" });
  expect(completion('print "a" $mi', "$mi", ["$mine"])).toEqual({ insert: "ne " });
  expect(completion("x", "x", [])).toEqual({ insert: "" });
});

test("candidates stand in columns; many are counted", () => {
  expect(inColumns(["a", "bb", "ccc", "d"], 10)).toEqual(["a    ccc", "bb   d"]);
  expect(inColumns(["\x1b[2J"], 20)[0]).not.toContain("\x1b");
  const many = inColumns(
    Array.from({ length: 100 }, (_, at) => `candidate${at}`),
    20,
  );
  expect(many).toHaveLength(9);
  expect(many.at(-1)).toBe("… 100 in all");
});

test("a search goes back, forward, and gives up or takes", () => {
  const search = new BackwardSearch(["ps -a", "run x", "ps"], "typed");
  const key = (name: string, text = "") => search.press({ name, text });
  expect([key("p", "p"), key("s", "s"), search.line, search.prompt]).toEqual(["on", "on", "ps -a", "(search) ps: "]);
  expect([key("ctrl-r"), search.line, key("ctrl-r"), search.line, key("ctrl-s"), search.line]).toEqual([
    "on",
    "ps",
    "on",
    "ps",
    "on",
    "ps -a",
  ]);
  expect([key("x", "x"), search.prompt, key("ctrl-g"), search.before]).toEqual(["on", "(not found) psx: ", "left", "typed"]);
  expect(key("left")).toBe("taken");
});

describe("a page", () => {
  const table = `NAME   STATUS   A LONG HEADER\n${Array.from({ length: 30 }, (_, at) => `row${at}   up   ${"x".repeat(20)}`).join("\n")}\n`;
  const size = { columns: 20, rows: 6 };
  const plain = painter(false);

  test("keeps the header, scrolls both ways, and stops at the edges", () => {
    const page = new Page(table, size);
    expect([page.isLarger, page.isTall]).toEqual([true, true]);
    expect(page.rows(plain)).toEqual([
      "NAME   STATUS   A LO",
      "row0   up   xxxxxxxx",
      "row1   up   xxxxxxxx",
      "row2   up   xxxxxxxx",
      "row3   up   xxxxxxxx",
      expect.stringContaining("lines 1-4 of 30"),
    ]);
    for (const key of ["G", "right", "right"]) expect(page.press(key)).toBe(false);
    expect(page.rows(plain).slice(0, 2)).toEqual(["   A LONG HEADER", "x".repeat(20)]);
    expect(page.rows(plain).at(-1)).toMatch(/^lines 27-30 of 30/);
    for (const key of ["g", "left", "left", "left", "k"]) page.press(key);
    expect(page.rows(plain)[1]).toBe("row0   up   xxxxxxxx");
    expect([page.press("space"), page.rows(plain)[1]]).toEqual([false, "row4   up   xxxxxxxx"]);
    page.resize({ columns: 80, rows: 60 });
    expect(page.rows(plain)[1]).toContain("row0");
    expect(page.press("q")).toBe(true);
  });

  test("is not needed for what fits; what is only too wide stays behind, cut", () => {
    expect(new Page("a\nb\n", size).isLarger).toBe(false);
    const wide = new Page(`${"x".repeat(30)}\nb\n`, size);
    expect([wide.isLarger, wide.isTall, wide.remains()]).toEqual([true, false, `${"x".repeat(19)}…\nb\n`]);
  });
});

describe("the prompt's own commands", () => {
  const scene = () => {
    const folder = mkdtempSync(join(tmpdir(), "berth-history-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const session = new Session({ engine: fakeEngine().engine, io: { streams: {}, cwd: "/", env: {} } as never });
    const history = new History(join(folder, "history"));
    return { folder, session, history, mean: (text: string) => meaningOf(text, session, history) };
  };
  const run = { line: "ps", at: "2026-01-02T03:04:05Z", cwd: "/x", ms: 12, status: 0 };

  test("switch, lead, and explain themselves", () => {
    const { session, mean } = scene();
    expect(mean("\\timing")).toEqual({ shown: "timing is on\n" });
    expect(session.switches.timing).toBe(true);
    expect(mean("\\timing off")).toEqual({ shown: "timing is off\n" });
    expect(mean("\\pager on")).toEqual({ shown: "pager is on\n" });
    expect(mean("\\i a b.berth")).toEqual({ source: "source a b.berth" });
    expect(mean("\\! ls -l")).toEqual({ source: "! ls -l" });
    expect(mean("\\q")).toEqual({ source: "exit" });
    expect(mean("history busybox")).toEqual({ source: "history busybox" });
    const { shown } = mean("\\?") as { shown: string };
    for (const { name } of metas) expect(shown).toContain(`\\${name} `);
    expect(() => mean("\\timin")).toThrow(expect.objectContaining({ code: "usage", suggestion: "timing" }));
    expect(() => mean("\\timing maybe")).toThrow('not "maybe"');
  });

  test("what a person reads in the pager is no time of a statement", async () => {
    const { session } = scene();
    const [real, own] = [performance.now(), session.clock()];
    await session.away(() => delay(20));
    expect(performance.now() - real - (session.clock() - own)).toBeGreaterThan(15);
  });

  test("the history tells how lines went, in this and in earlier sessions; secrets are in none", async () => {
    const { folder, history, mean } = scene();
    expect(mean("history")).toEqual({ shown: "nothing was run\n" });
    expect(() => mean("\\watch")).toThrow("no line before");
    await history.log(run);
    await history.log({ ...run, line: "run -e DB_PASSWORD=x y" });
    await history.log({ ...run, line: " ps hidden" });
    await history.log({ ...run, line: "print 'a\nb'", status: 3 });
    expect(readFileSync(join(folder, "sessions.jsonl"), "utf8")).not.toMatch(/DB_PASSWORD|hidden/);
    const again = new History(join(folder, "history"));
    expect(again.runs.map(({ line, status }) => [line, status])).toEqual([
      ["ps", 0],
      ["print 'a\nb'", 3],
    ]);
    const { shown } = mean("history") as { shown: string };
    expect(shown).toMatch(/^WHEN +TOOK +STATUS +DIRECTORY +LINE\n\S+ \S+ +12ms +0 +\/x +ps\n.* 3 +\/x +print 'a; b'\n$/);
    expect((mean("\\history print") as { shown: string }).shown.split("\n")).toHaveLength(3);
    expect((mean("\\s 1") as { shown: string }).shown).toContain("print");
    expect(mean("\\watch 1s")).toEqual({ source: "watch 1s { print 'a\nb' }" });
  });
});
