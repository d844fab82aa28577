import { expect, test } from "vitest";
import { EngineError } from "../../engine/errors.ts";
import { excerpt } from "../../src/excerpt.ts";
import { errorAsJson, reportError, reportWarning } from "../../src/report.ts";

const source = "FROM python:3.9\nWORKDIR /app\nCOPY requirements.txt /app/\nRUN pip install\nCOPY. /app\nCMD x\n";

test("an error has its cause, its hint, and nothing that drives the terminal", () => {
  expect(reportError(new EngineError("not-found", 'no such container: \x1b[31m"web"', { suggestion: "wob" }))).toBe(
    `berth: no such container: \\x1b[31m"web"\ndid you mean "wob"?\nhint: list what exists with 'berth ps -a', 'berth images', 'berth volume ls' or 'berth network ls'\n`,
  );
});

test("a located error begins with its place and shows it", () => {
  const location = { file: "Dockerfile", line: 5, column: 1, source };
  const error = new EngineError("dockerfile", 'unknown instruction "COPY."', { location, suggestion: "COPY . /app", hint: "" });
  expect(reportError(error)).toBe(
    [
      'Dockerfile:5:1: unknown instruction "COPY."',
      "3 | COPY requirements.txt /app/",
      "4 | RUN pip install",
      "5 | COPY. /app",
      "  | ^",
      "6 | CMD x",
      'did you mean "COPY . /app"?',
      "",
    ].join("\n"),
  );
});

test("a long way to an error shows its ends", () => {
  const through = Array.from({ length: 100 }, (_, at) => ({ file: "f", line: at + 1, column: 1, into: "func f" }));
  const shown = (calls: number) => {
    const location = { file: "f", line: 1, column: 1, through: through.slice(0, calls) };
    return reportError(new EngineError("invalid", "too deep", { location, hint: "" }))
      .trimEnd()
      .split("\n")
      .slice(1);
  };
  expect(shown(8)).toHaveLength(8);
  expect(shown(100)).toEqual([1, 2, 3, 4, 92, 97, 98, 99, 100].map((at) => (at === 92 ? "  … 92 more" : `  in func f, from f:${at}:1`)));
});

test("the caret stands under its column, after tabs and wide characters, in lines that are cut", () => {
  expect(excerpt({ file: "f", line: 1, column: 4, source: "\t容x!" })).toBe("1 |     容x!\n  |        ^");
  const long = excerpt({ file: "f", line: 1, column: 1, source: "y".repeat(5000) });
  expect(long.length).toBeLessThan(300);
  expect(excerpt({ file: "f", line: 10, column: 2, source: `${"\n".repeat(9)}ab` })).toBe(" 8 |\n 9 |\n10 | ab\n   |  ^");
});

test("with colours the text is the same", () => {
  const error = new EngineError("usage", "x", { location: { file: "f", line: 1, column: 1, source: "a" } });
  expect(reportError(error, { colour: true }).replace(/\x1b\[\d*m/g, "")).toBe(reportError(error));
});

test("as JSON it is one line of facts", () => {
  const error = new EngineError("usage", "x", { location: { file: "f", line: 2, column: 3, source: "secret" }, details: { a: 1 } });
  const text = errorAsJson(error);
  expect(JSON.parse(text)).toEqual({
    error: { code: "usage", message: "x", hint: error.hint, exit: 125, location: { file: "f", line: 2, column: 3 }, details: { a: 1 } },
  });
  expect(text).not.toContain("secret");
});

test("a warning names its rule and place", () => {
  expect(
    reportWarning({
      type: "warning",
      text: "careful",
      rule: "StageNameCasing",
      location: { file: "D", line: 1, column: 1, source: "FROM x AS Y" },
    }),
  ).toBe("WARNING: D:1:1: careful (StageNameCasing)\n1 | FROM x AS Y\n  | ^\n");
});
