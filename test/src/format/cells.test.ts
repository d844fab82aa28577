import { describe, expect, test } from "vitest";
import { cellWidth, fill, tail, truncate, wrap } from "../../../src/format/cells.ts";
import fc from "../../support/property.ts";

test.each([
  ["", 0],
  ["plain", 5],
  ["漢字", 4],
  ["é", 1],
  ["e\u0301", 1],
  ["👨‍👩‍👧", 2],
  ["🇩🇪", 2],
  ["✓", 1],
  ["ｗｉｄｅ", 8],
  ["\u200b", 0],
])("%j takes %i cells", (text, width) => expect(cellWidth(text)).toBe(width));

test("cutting leaves an ellipsis, never half a wide character", () => {
  expect(truncate("container", 20)).toBe("container");
  expect(truncate("container", 5)).toBe("cont…");
  expect(truncate("漢字漢字", 6)).toBe("漢字…");
  expect(truncate("漢字漢字", 4)).toBe("漢…");
  expect(truncate("anything", 0)).toBe("");
});

test("filling aligns left and right", () => {
  expect(fill("ab", 4)).toBe("ab  ");
  expect(fill("ab", 4, "right")).toBe("  ab");
  expect(fill("漢字漢", 4)).toBe("漢… ");
});

test("an input line shows its end", () => {
  expect(tail("short", 10)).toBe("short");
  expect(tail("a long command", 8)).toBe("…command");
});

test("wrapping breaks at spaces where there are some", () => {
  expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrap("unbreakable", 4)).toEqual(["unbr", "eaka", "ble"]);
  expect(wrap("", 4)).toEqual([""]);
});

describe("for any text", () => {
  const texts = fc
    .array(fc.constantFrom("a", " ", "é", "漢", "👨‍👩‍👧", "🎉", "e\u0301", "\u200d"), { maxLength: 30 })
    .map((list) => list.join(""));
  test("filled is exactly as wide as asked", () => {
    fc.assert(fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, width) => cellWidth(fill(text, width)) === width));
  });
  test("what a line hands on to the next is wrapped again", () => {
    expect(wrap(" 漢🎉", 3)).toEqual(["", "漢", "🎉"]);
  });
  test("no wrapped line is wider than asked, and no letter gets lost", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 20 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every((line) => cellWidth(line) <= width)).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });
});
