/** Rows of the screen that are remembered are those that Ink itself would draw. */
import { expect, test } from "vitest";
import Output from "../../node_modules/ink/build/output.js";
// @ts-expect-error: a plain script, used by the bundler
import { rowsOf } from "../../scripts/ink-rows.mjs";
import fc from "../support/property.ts";

type Clip = { x1: number; x2: number; y1: number; y2: number };
const within = (outer: Clip | undefined, inner: Clip): Clip =>
  outer
    ? {
        x1: Math.max(outer.x1, inner.x1),
        x2: Math.min(outer.x2, inner.x2),
        y1: Math.max(outer.y1, inner.y1),
        y2: Math.min(outer.y2, inner.y2),
      }
    : inner;

const upper = (text: string) => text.toUpperCase();
const place = fc.integer({ min: -3, max: 24 });
const write = fc.record({
  x: place,
  y: fc.integer({ min: -1, max: 6 }),
  text: fc.constantFrom(
    "",
    "plain",
    "\x1b[31mred\x1b[0m and not",
    "日本語 wide",
    "a\x1b[1mb\x1b[22m🦩🦩",
    "a long one that leaves on the right",
    "\x1b[2m│\n│\x1b[1m bold\n\n│\x1b[0m end",
  ),
  transformers: fc.constantFrom([], [upper]),
});
const clip = fc.record({ x1: place, x2: place, y1: fc.integer({ min: 0, max: 3 }), y2: fc.integer({ min: 2, max: 6 }) });
const operation = fc.oneof(
  write.map((options) => ({ write: options })),
  clip.map((options) => ({ clip: options })),
);

type Operation = { write: { x: number; y: number; text: string; transformers: readonly (typeof upper)[] } } | { clip: Clip };

function outputOf(operations: readonly Operation[]): Output {
  const output = new Output({ width: 20, height: 6 });
  for (const each of operations) {
    if ("write" in each) output.write(each.write.x, each.write.y, each.write.text, { transformers: [...each.write.transformers] });
    else output.clip(each.clip);
  }
  for (const each of operations) if ("clip" in each) output.unclip();
  return output;
}

test("whatever is written where, cut how, and again", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 8 }), (operations) => {
      const whole = outputOf(operations).get().output;
      expect(rowsOf(outputOf(operations), within)).toBe(whole);
      expect(rowsOf(outputOf(operations), within)).toBe(whole);
    }),
  );
});
