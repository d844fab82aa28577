import { expect, test } from "vitest";
import { dropCells, paint, parseLine, plainText, wrapSegments } from "../../views/ansi.ts";

test.each([
  ["plain", [{ sgr: "", text: "plain" }]],
  [
    "\x1b[31mred\x1b[0m not",
    [
      { sgr: "31", text: "red" },
      { sgr: "", text: " not" },
    ],
  ],
  ["\x1b[1m\x1b[32mboth\x1b[m", [{ sgr: "1;32", text: "both" }]],
  ["\x1b[1;0;33myellow", [{ sgr: "33", text: "yellow" }]],
  ["\x1b[38;5;0mblack", [{ sgr: "38;5;0", text: "black" }]],
  ["a\tb", [{ sgr: "", text: "a       b" }]],
  [
    "漢\x1b[1m\tx",
    [
      { sgr: "", text: "漢" },
      { sgr: "1", text: "      x" },
    ],
  ],
])("%j", (line, segments) => expect(parseLine(line)).toEqual(segments));

test.each([
  ["cursor movement", "a\x1b[2Jb\x1b[10;5Hc"],
  ["a window title", "a\x1b]0;evil\x07bc"],
  ["a title ended by ST", "a\x1b]52;c;AAAA\x1b\\bc"],
  ["an unfinished sequence", "abc\x1b[3"],
  ["a device string", "ab\x1bPq#0\x1b\\c"],
  ["private modes", "\x1b[?1049habc"],
  ["a full reset", "\x1bcabc"],
  ["carriage returns", "abc\r"],
])("%s does not reach the screen", (_name, line) => expect(plainText(parseLine(line))).toBe("abc"));

test("control characters are made visible", () => {
  const text = plainText(parseLine("a\x07b\x9bc"));
  expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  expect(text).toMatch(/^a.+b.+c$/);
});

test("wrapping keeps styles and never cuts a wide character", () => {
  expect(wrapSegments(parseLine("\x1b[31m漢字漢\x1b[0mab"), 3)).toEqual([
    [{ sgr: "31", text: "漢" }],
    [{ sgr: "31", text: "字" }],
    [
      { sgr: "31", text: "漢" },
      { sgr: "", text: "a" },
    ],
    [{ sgr: "", text: "b" }],
  ]);
  expect(wrapSegments(parseLine("abcdef"), 4, 1)).toEqual([[{ sgr: "", text: "abcd" }]]);
  expect(wrapSegments([], 4)).toEqual([[]]);
});

test("moving sideways fills half a wide character with a blank", () => {
  expect(plainText(dropCells(parseLine("漢字x"), 1))).toBe(" 字x");
  expect(plainText(dropCells(parseLine("abc"), 5))).toBe("");
});

test("every style is closed; without colour only the text is left", () => {
  const segments = parseLine("\x1b[1;35mloud\x1b[0m quiet");
  expect(paint(segments, true)).toBe("\x1b[1;35mloud\x1b[0m quiet");
  expect(paint(segments, false)).toBe("loud quiet");
});
