/** Unions of more layers than docker lets an image have, wherever the state directory lies. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { mountOverlay, overlayOptions, unmountOverlay } from "../../../../engine/image/layers/overlay.ts";

const work = mkdtempSync(join(tmpdir(), "berth-overlay-"));
afterAll(() => rmSync(work, { recursive: true }));

/** Names as the store has them. */
const nameOf = (index: number) => index.toString(16).padStart(13, "0");

test.each([127, 200])("%i layers, deep in the file system, to read and to write", (count) => {
  const deep = join(work, String(count), "d".repeat(200), "e:,\\".repeat(50));
  const lower = Array.from({ length: count }, (_, index) => join(deep, "l", nameOf(index)));
  for (const [index, path] of lower.entries()) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, `f${index}`), "");
  }
  const merged = join(deep, "merged");
  for (const writable of [{}, { upper: join(deep, "upper"), work: join(deep, "work"), volatile: true }]) {
    mountOverlay({ lower, merged, ...writable });
    try {
      expect(readdirSync(merged)).toHaveLength(count);
      if ("upper" in writable) writeFileSync(join(merged, "new"), "");
    } finally {
      unmountOverlay(merged);
    }
  }
  expect(readdirSync(join(deep, "upper"))).toEqual(["new"]);
});

test("a kernel that takes them in one page takes 127 of them by descriptors", () => {
  const short = (index: number) => `/proc/self/fd/99/${nameOf(index)}`;
  const union = { lower: Array.from({ length: 127 }, (_, index) => short(index)), merged: "", volatile: true };
  expect(overlayOptions({ ...union, upper: "/proc/self/fd/98/upper", work: "/proc/self/fd/98/work" }).length).toBeLessThanOrEqual(4095);
});
