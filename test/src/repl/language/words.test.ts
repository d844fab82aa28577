import { describe, expect, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import { lex, literal, splitWords } from "../../../../src/repl/language/words.ts";
import fc from "../../../support/property.ts";

/** Statements as lists of words; a variable shows as ${path}. */
function words(source: string): string[][] {
  return lex(source).map((statement) =>
    statement.words.map((word) => word.parts.map((part) => (part.kind === "variable" ? `\${${part.path}}` : part.text)).join("")),
  );
}

function failure(source: string): EngineError {
  try {
    lex(source, "script");
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error(`${source} was accepted`);
}

describe("statements and words", () => {
  test.each<[string, string[][]]>([
    ["", []],
    ["  \n ; ;\n", []],
    ["run -it busybox sh", [["run", "-it", "busybox", "sh"]]],
    ["ps; images\nps -a", [["ps"], ["images"], ["ps", "-a"]]],
    ["# comment\nps # another\n#last", [["ps"]]],
    ["a#b", [["a#b"]]],
    ["'single $x ; # \\n' \"double ; #\"", [["single $x ; # \\n", "double ; #"]]],
    ["a'b'\"c\"d", [["abcd"]]],
    ["'' \"\"", [["", ""]]],
    ["a\\ b \\; \\$x \\\\", [["a b", ";", "$x", "\\"]]],
    ['"a\\"b \\$x \\\\ \\n \\`"', [['a"b $x \\ \\n `']]],
    ["run \\\n  -d \\\r\n  x", [["run", "-d", "x"]]],
    ["a\\\nb", [["ab"]]],
    ["$id ${id.State.Running} ${a[0].b} $1", [["${id}", "${id.State.Running}", "${a[0].b}", "${1}"]]],
    ['x$id/y"-$id-"', [["x${id}/y-${id}-"]]],
    ["$ 5$ $-", [["$", "5$", "$-"]]],
    ["--format {{.ID}} 'x | y'", [["--format", "{{.ID}}", "x | y"]]],
    ["echo\tüñ 容器", [["echo", "üñ", "容器"]]],
  ])("%j", (source, statements) => {
    expect(words(source)).toEqual(statements);
  });

  test("quoted words are marked, so that they are never operators", () => {
    expect(lex("== '=='")[0]!.words.map((word) => word.quoted)).toEqual([false, true]);
    expect(lex("a\\=b")[0]!.words[0]!.quoted).toBe(true);
  });

  test("offsets are those of the source", () => {
    const [first, second] = lex("ps -a;  rm 'x y'");
    expect([first!.start, first!.end]).toEqual([0, 5]);
    expect(second!.words.map((word) => [word.start, word.end])).toEqual([
      [8, 10],
      [11, 16],
    ]);
  });
});

describe("errors", () => {
  test.each([
    ["run 'open", "unterminated single quote", 1, 5, true],
    ['ps\nrun "open', "unterminated double quote", 2, 5, true],
    ["run x \\", "unexpected end after a backslash", 1, 7, true],
    ["x ${id", "unterminated variable", 1, 3, true],
    ["x ${}", '"" is not a variable with a path', 1, 3, false],
    ["x ${a b}", '"a b" is not a variable with a path', 1, 3, false],
    ["ps\nx a\0b", "a NUL: this is no text", 2, 4, false],
    ['x "$(pwd)"', "command substitution is not part of this language", 1, 4, false],
  ])("%j", (source, message, line, column, incomplete) => {
    expect(failure(source)).toMatchObject({
      code: "syntax",
      exit: 2,
      message,
      location: { file: "script", line, column, source },
      details: { incomplete },
    });
  });

  test("no noise makes it throw anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab $'\"\\;#\n{}.[](|) ") }), (source) => {
        try {
          lex(source);
        } catch (error) {
          if (!(error instanceof EngineError) || error.code !== "syntax") throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("any words survive single quotes", () => {
    fc.assert(
      fc.property(fc.array(fc.string().filter((word) => !word.includes("'"))), (list) => {
        const line = list.map((word) => `'${word}'`).join(" ");
        expect(lex(line).flatMap((statement) => statement.words.map(literal))).toEqual(list);
      }),
    );
  });
});

test("a palette line has no variables, separators or comments", () => {
  expect(splitWords("run -e A=$HOME x; #y 'z w'")).toEqual(["run", "-e", "A=$HOME", "x;", "#y", "z w"]);
});
