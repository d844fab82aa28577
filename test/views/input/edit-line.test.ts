import { expect, test } from "vitest";
import { editLine, insert } from "../../../views/input/edit-line.ts";

/** A line with its cursor as a bar. */
function line(text: string): { text: string; cursor: number } {
  const cursor = text.indexOf("|");
  return { text: text.replace("|", ""), cursor };
}

test.each([
  ["ab|", "c", "abc|"],
  ["a|c", "space", "a |c"],
  ["run 漢字|", "backspace", "run 漢|"],
  ["👨‍👩‍👧|x", "backspace", "|x"],
  ["|👨‍👩‍👧x", "delete", "|x"],
  ["a👨‍👩‍👧|", "left", "a|👨‍👩‍👧"],
  ["|👨‍👩‍👧b", "right", "👨‍👩‍👧|b"],
  ["|ab", "left", "|ab"],
  ["ab|", "right", "ab|"],
  ["stop web|", "ctrl-w", "stop |"],
  ["stop web  |", "ctrl-w", "stop |"],
  ["stop |web", "ctrl-u", "|web"],
  ["stop| web", "ctrl-k", "stop|"],
  ["stop web|", "ctrl-a", "|stop web"],
  ["|stop web", "ctrl-e", "stop web|"],
  ["stop web|", "alt-b", "stop |web"],
  ["|stop web", "alt-f", "stop| web"],
  ["a|bc", "ctrl-d", "a|c"],
])("%s and %s make %s", (before, key, after) => expect(editLine(line(before), key)).toEqual(line(after)));

test("other keys edit nothing", () => {
  for (const key of ["up", "f1", "ctrl-x", "esc", "pagedown"]) expect(editLine(line("ab|"), key), key).toBeUndefined();
});

test("pasted text stays one line and harmless", () => {
  expect(insert(line("a|b"), "1\r\n2\t3\x1b[31m\x07")).toEqual(line("a1 2 3[31m|b"));
});
