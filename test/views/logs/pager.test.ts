import { expect, test } from "vitest";
import { LineBuffer } from "../../../views/logs/line-buffer.ts";
import { endPosition, type PagerLayout, scroll, visibleRows } from "../../../views/logs/pager.ts";
import { patternOf } from "../../../views/logs/pattern.ts";
import { findLine } from "../../../views/logs/search.ts";

function bufferOf(...lines: string[]): LineBuffer {
  const buffer = new LineBuffer();
  for (const text of lines) buffer.push({ text });
  return buffer;
}

const layoutOf = (buffer: LineBuffer, change: Partial<PagerLayout> = {}): PagerLayout => ({
  width: 10,
  height: 3,
  wrap: true,
  shift: 0,
  timestamps: false,
  end: buffer.end,
  look,
  ...change,
});
const numbered = (count: number) => bufferOf(...Array.from({ length: count }, (_, at) => `line ${at}`));
const look = { json: "raw", fields: [], levels: false, highlights: [], colour: false } as const;
const texts = (...of: Parameters<typeof visibleRows>) => visibleRows(...of).map(({ text }) => text);
const signal = new AbortController().signal;
const find = (buffer: LineBuffer, text: string, from: number, step: 1 | -1) => findLine(buffer, patternOf(text)!, from, step, signal);

test("the end position counts wrapped rows", () => {
  const buffer = bufferOf("short", "x".repeat(25));
  expect(endPosition(buffer, layoutOf(buffer))).toEqual({ line: 1, row: 0 });
  expect(endPosition(buffer, layoutOf(buffer, { height: 2 }))).toEqual({ line: 1, row: 1 });
  expect(endPosition(buffer, layoutOf(buffer, { wrap: false }))).toEqual({ line: 0, row: 0 });
});

test("scrolling stops at both ends and says when it reached the last row", () => {
  const buffer = numbered(10);
  const layout = layoutOf(buffer);
  expect(scroll(buffer, { line: 0, row: 0 }, -5, layout)).toEqual({ top: { line: 0, row: 0 }, atEnd: false });
  expect(scroll(buffer, { line: 0, row: 0 }, 4, layout)).toEqual({ top: { line: 4, row: 0 }, atEnd: false });
  expect(scroll(buffer, { line: 4, row: 0 }, 99, layout)).toEqual({ top: { line: 7, row: 0 }, atEnd: true });
});

test("rows in sight begin within a wrapped line, cut or shifted as asked", () => {
  const buffer = bufferOf("abcdefghijKLMNOPQRSTuv", "next");
  expect(texts(buffer, { line: 0, row: 1 }, layoutOf(buffer), {})).toEqual(["KLMNOPQRST", "uv", "next"]);
  const cut = layoutOf(buffer, { wrap: false, shift: 5 });
  expect(texts(buffer, { line: 0, row: 0 }, cut, {})).toEqual(["fghijKLMNO", ""]);
});

test("lines that were dropped meanwhile are skipped", () => {
  const buffer = numbered(30_000);
  expect(buffer.first).toBeGreaterThan(0);
  const rows = texts(buffer, { line: 3, row: 0 }, layoutOf(buffer), {});
  expect(rows[0]).toBe(`line ${buffer.first}`);
  expect(scroll(buffer, { line: 3, row: 0 }, 1, layoutOf(buffer)).top.line).toBe(buffer.first + 1);
});

test("finding wraps around, in both directions; capitals match only capitals", async () => {
  const buffer = bufferOf("Alpha", "beta", "\x1b[31mal\x1b[0mpha", "gamma");
  expect(await find(buffer, "alpha", 0, 1)).toBe(2);
  expect(await find(buffer, "al.ha", 2, 1)).toBe(0);
  expect(await find(buffer, "alpha", 0, -1)).toBe(2);
  expect(await find(buffer, "Alpha", 2, 1)).toBe(0);
  expect(await find(buffer, "delta", 0, 1)).toBeUndefined();
  expect(await find(buffer, "a(", 0, 1)).toBeUndefined();
  expect(await find(new LineBuffer(), "x", 0, 1)).toBeUndefined();
});

test("every match of a row is marked, in its own colour elsewhere", () => {
  const buffer = bufferOf("\x1b[32mab ab\x1b[0m");
  const [row] = texts(buffer, { line: 0, row: 0 }, layoutOf(buffer, { look: { ...look, colour: true } }), { search: /b/u });
  expect(row).toBe("\x1b[32ma\x1b[0m\x1b[32;7mb\x1b[0m\x1b[32m a\x1b[0m\x1b[32;7mb\x1b[0m");
});

test("bytes become lines: cut characters, progress bars, a last line without an end", () => {
  const buffer = new LineBuffer();
  const bytes = Buffer.from("é1\r\n10%\r20%\r100%\nrest");
  for (const byte of bytes) buffer.write(Uint8Array.of(byte));
  expect(Array.from({ length: buffer.end }, (_, at) => buffer.line(at)?.text)).toEqual(["é1", "100%", "rest"]);
});

test("a progress bar without an end of line shows its last state", () => {
  const buffer = new LineBuffer();
  buffer.write(Buffer.from("10%\r20%\r"));
  expect(buffer.line(0)?.text).toBe("20%");
  buffer.write(Buffer.from("30%"));
  expect([buffer.line(0)?.text, buffer.end]).toEqual(["30%", 1]);
  buffer.push({ text: "a\rb\r" });
  expect(buffer.line(0)?.text).toBe("b");
});
