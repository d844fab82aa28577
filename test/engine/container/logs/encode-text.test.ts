/** All ways of writing a log give the same bytes, and those of reading it what was written. */
import { expect, test } from "vitest";
import { encodeText } from "../../../../engine/container/logs/encode-text.ts";
import { decodeOutput, encodeLog } from "../../../../engine/container/logs/k8s-log.ts";
import { nativeLines } from "../../../../engine/container/logs/native/index.ts";
import { chance } from "../../../support/random.ts";

const time = "2024-05-01T10:00:00.000000000Z";
const longest = 8192;
const native = nativeLines(Buffer.alloc(1 << 20));
const whole = (pieces: Iterable<Buffer>) => Buffer.concat([...pieces].map((piece) => Buffer.from(piece)));
const output = (log: Buffer, by: typeof native) =>
  decodeOutput(Buffer.from(log), by).map(({ data, ...rest }) => ({ ...rest, text: Buffer.from(data).toString("latin1") }));

function expectSame(chunk: Buffer): void {
  const log = whole(encodeText("stderr", chunk, time, longest));
  for (const by of [native, null]) {
    expect(whole(encodeLog("stderr", chunk, time, by)).equals(log)).toBe(true);
    const read = output(log, by);
    expect(read.map(({ text }) => text).join("")).toBe(chunk.toString("latin1"));
  }
}

test("there is compiled code for this processor", () => {
  expect(native).not.toBeNull();
});

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
  expectSame(Buffer.from(text));
});

test("all bytes, in lines of all lengths", () => {
  const lines = Array.from({ length: 300 }, (_, length) => Buffer.from(Array.from({ length }, (_, at) => (at * 7 + length) & 0xff)));
  const chunk = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
  expectSame(chunk);
});

test("logs of both streams, damaged ones too, are read alike", () => {
  const random = chance(20);
  for (let round = 0; round < 300; round++) {
    const lines = Array.from({ length: 40 }, () => {
      const tag = random.pick(["F", "P", "F", "FX", ""]);
      const stream = random.pick(["stdout", "stderr", "stdin", "std"]);
      const text = random.pick(["", "x", "a b  c", "y".repeat(100)]);
      const line = random.pick([
        `${time} ${stream} ${tag} ${text}`,
        `${time} stdout F ${text}`,
        `${"t".repeat(50)} stderr P ${text}`,
        text,
        `${time} stdout`,
      ]);
      return `${line}\n`;
    });
    const log = Buffer.from(lines.join(""));
    expect(output(log, native)).toEqual(output(log, null));
  }
});
