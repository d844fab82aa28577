/** Both ways of writing a log give the same bytes. */
import { expect, test } from "vitest";
import { encodeText } from "../../../../engine/container/logs/encode-text.ts";
import { logOf } from "./log-of.ts";

const time = "2024-05-01T10:00:00.000000000Z";
const longest = 8192;
const asText = (chunk: Buffer) => Buffer.concat([...encodeText("stderr", chunk, time, longest)]);

test.each([
  ["nothing", ""],
  ["a line", "one\n"],
  ["an empty line", "\n"],
  ["empty lines, more of them than fit one piece", "\n".repeat(10_000)],
  ["a line that goes on", "one\ntwo"],
  ["lines as long as may be, and one byte more", [-1, 0, 1].map((more) => `${"x".repeat(longest + more)}\n`).join("")],
  ["a long one that goes on", "x".repeat(3 * longest)],
  ["short ones around a long one", `one\n${"x".repeat(2 * longest + 5)}\ntwo\n`],
  ["what a replacement could mean", "$1 $& $$\n$'\n"],
])("%s", (_, text) => {
  expect(asText(Buffer.from(text)).equals(logOf("stderr", Buffer.from(text), time))).toBe(true);
});

test("all bytes, in lines of all lengths", () => {
  const lines = Array.from({ length: 300 }, (_, length) => Buffer.from(Array.from({ length }, (_, at) => (at * 7 + length) & 0xff)));
  const chunk = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
  expect(asText(chunk).equals(logOf("stderr", chunk, time))).toBe(true);
});
