import { expect, test } from "vitest";
import type { LogEntry } from "../../../engine/index.ts";
import { LineBuffer } from "../../../views/logs/line-buffer.ts";
import { readLog } from "../../../views/logs/read.ts";

const entry = (text: string, partial = false): LogEntry => ({
  stream: "stdout",
  time: "2024-05-01T10:00:00Z",
  data: Buffer.from(text),
  ...(partial && { partial }),
});
const texts = (buffer: LineBuffer) => Array.from({ length: buffer.end - buffer.first }, (_, at) => buffer.line(buffer.first + at)?.text);

test("timers and keys get their turn while a long log is there already", async () => {
  const abort = new AbortController();
  let given = 0;
  async function* pour() {
    for (;;) {
      given++;
      yield [entry("line")];
    }
  }
  setTimeout(() => abort.abort(), 20); // would never fire
  await readLog(pour(), new LineBuffer(), abort.signal);
  expect(given).toBeGreaterThan(32);
});

test("parts of a long line become one line", async () => {
  async function* parts() {
    yield [entry("one ", true)];
    yield [entry("line"), entry("cut off", true)];
  }
  const buffer = new LineBuffer();
  await readLog(parts(), buffer, new AbortController().signal);
  expect(texts(buffer)).toEqual(["one line", "cut off"]);
});

test("what went wrong is the last line, unless the reader left", async () => {
  async function* broken() {
    yield [entry("fine")];
    throw new Error("the disk is gone");
  }
  const buffer = new LineBuffer();
  await readLog(broken(), buffer, new AbortController().signal);
  expect(texts(buffer)[0]).toBe("fine");
  expect(texts(buffer)[1]).toContain("the disk is gone");
  const left = new LineBuffer();
  await readLog(broken(), left, AbortSignal.abort());
  expect(texts(left)).toEqual([]);
});
