import { expect, test } from "vitest";
import { plainText } from "../../../views/ansi.ts";
import { columnsRow, fieldsOf, membersOf, usualFields } from "../../../views/logs/json-line.ts";

const lines = [
  '{"level":30,"time":1764410281120,"msg":"GET /items","status":200,"ms":12}',
  '{"level":"error","time":"2025-11-29T09:58:02.001Z","msg":"POST /order","status":500,"ms":812,"stack":"at Order.save\\nat x"}',
  "no JSON at all",
  'web-1 | {"level":"warn","msg":"GET /cart","status":429}',
];
const row = (text: string, names?: string[]) => {
  const fields = fieldsOf(lines);
  const chosen = names ? names.map((name) => fields.find((each) => each.name === name)!) : usualFields(fields);
  return columnsRow(membersOf(text)!, chosen);
};

test("members are found: time, level and text first, then those that most lines have; no wider than what they hold", () => {
  expect(fieldsOf(lines)).toEqual([
    { name: "time", width: 12 },
    { name: "level", width: 5 },
    { name: "msg", width: 11 },
    { name: "status", width: 3 },
    { name: "ms", width: 3 },
    { name: "stack", width: 19 },
  ]);
  expect(fieldsOf(["plain", "[1]", '"text"'])).toEqual([]);
  expect(fieldsOf([`{"msg":"${"x".repeat(90)}"}`])).toEqual([{ name: "msg", width: 40 }]);
});

test("lines stand in columns, whatever each of them has", () => {
  expect(lines.flatMap((text) => (membersOf(text) ? [plainText(row(text)).trimEnd()] : []))).toEqual([
    "09:58:01.120  INFO   GET /items   200  12",
    "09:58:02.001  ERROR  POST /order  500  812  at Order.save⏎ at x",
    "web-1 |               WARN   GET /cart    429",
  ]);
});

test("levels have their colours; the order is the user's, the last column has all of its text", () => {
  expect(row(lines[1]!).find(({ text }) => text.startsWith("ERROR"))?.sgr).toBe("1;31");
  expect(plainText(row(lines[1]!, ["status", "msg"]))).toBe("500  POST /order");
  expect(plainText(row(lines[0]!, ["msg", "status"]))).toBe("GET /items   200");
});

test("nothing that a terminal would obey comes out of a value", () => {
  const hostile = '{"msg":"a\\u001b[2Jb\\u0007","level":"\\u001b]0;x\\u0007info"}';
  expect(plainText(columnsRow(membersOf(hostile)!, fieldsOf([hostile])))).not.toMatch(/[\x00-\x1f]/);
});
