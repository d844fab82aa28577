/** What of a file is data: read from the file system, and found in what is about to be written. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { dataRuns, dataSegments } from "../../../engine/sys/holes.ts";

const work = mkdtempSync(join(tmpdir(), "berth-holes-"));
afterAll(() => rmSync(work, { recursive: true }));

test.each<[string, number, number[], [number, number][]]>([
  ["nothing but a hole", 1 << 20, [], []],
  ["a hole in front", 1 << 20, [(1 << 20) - 4096], [[(1 << 20) - 4096, 4096]]],
  ["a hole behind", 1 << 20, [0], [[0, 4096]]],
  [
    "holes between",
    3 << 20,
    [1 << 20, 2 << 20],
    [
      [1 << 20, 4096],
      [2 << 20, 4096],
    ],
  ],
  ["no hole", 4096, [0], [[0, 4096]]],
  ["an empty file", 0, [], []],
])("the file system's word on %s", (_what, size, places, expected) => {
  const fd = openSync(join(work, "file"), "w+");
  for (const place of places) writeSync(fd, Buffer.alloc(4096, "x"), 0, 4096, place);
  ftruncateSync(fd, size);
  expect(dataSegments(fd, size).map(({ offset, length }) => [offset, length])).toEqual(expected);
  closeSync(fd);
});

/** A piece of `size` bytes that is zeros but for a byte at each of the places. */
function pieceOf(size: number, ...places: number[]): Buffer {
  const piece = Buffer.alloc(size);
  for (const place of places) piece[place] = 1;
  return piece;
}
const runsOf = (piece: Buffer, position = 0) => [...dataRuns(piece, position)].map(({ offset, length }) => [offset, offset + length]);

test("long runs of zeros are not written, short ones are", () => {
  expect(runsOf(Buffer.alloc(1 << 20, 1))).toEqual([[0, 1 << 20]]);
  expect(runsOf(Buffer.alloc(1 << 20))).toEqual([]);
  expect(runsOf(pieceOf(100_000, 0, 50_000, 99_999))).toEqual([
    [0, 4096],
    [49_152, 53_248],
    [98_304, 100_000],
  ]);
  expect(runsOf(pieceOf(40_960, 0, 20_000, 40_959))).toEqual([[0, 40_960]]); // 12 kB of zeros are no hole
});

test("a run at an edge may go on in the next piece, wherever in the file the piece is", () => {
  expect(runsOf(pieceOf(8192, 4096))).toEqual([[4096, 8192]]);
  expect(runsOf(pieceOf(8192, 4095), 1)).toEqual([[4095, 8191]]); // blocks are the file's
  expect(runsOf(Buffer.alloc(777), 512)).toEqual([]);
});

test.each([1, 511, 4096, 65_536])("pieces of %i bytes give the whole file", (size) => {
  const whole = pieceOf(300_000, 5, 70_000, 71_000, 200_000);
  const written = Buffer.alloc(whole.length);
  for (let at = 0; at < whole.length; at += size) {
    const piece = whole.subarray(at, at + size);
    for (const { offset, length } of dataRuns(piece, at)) piece.copy(written, at + offset, offset, offset + length);
  }
  expect(written.equals(whole)).toBe(true);
});
