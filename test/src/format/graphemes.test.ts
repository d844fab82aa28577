import stringWidth from "string-width";
import { expect, test } from "vitest";
import { isEmoji, plain, Segmenter } from "../../../src/format/graphemes.ts";
import fc from "../../support/property.ts";

const characters = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

test("plain characters take one cell each, as Ink's own measure says", () => {
  expect(characters.filter((character) => plain.test(character) && stringWidth(character) !== 1)).toEqual([]);
});

test("what the screen is drawn with is plain", () => {
  expect("│─┌┐└┘├┤●○◉▲▼▸▾▁▂▃▄▅▆▇█…·•–←↑→↓⏎✓✗✕").toMatch(plain);
});

test("an emoji of one code point is found without the pattern of sequences", () => {
  const emoji = /^\p{RGI_Emoji}$/v;
  expect(characters.filter((character) => isEmoji(character) !== emoji.test(character))).toEqual([]);
  for (const text of ["👨‍👩‍👧", "❤️", "🇫🇷", "👍🏽", "1️⃣", "🇫", "ab", "é"]) expect(isEmoji(text), text).toBe(emoji.test(text));
});

test("segments are Intl.Segmenter's", () => {
  const full = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const own = new Segmenter();
  const piece = fc.oneof(
    fc.constantFrom(
      "\r",
      "\n",
      "\r\n",
      "\x1b[1m",
      "│",
      "é",
      "\u0301",
      "\u200d",
      "\ufe0f",
      "👩",
      "🇫",
      "각",
      "\u1100",
      "\u00ad",
      "ÿ",
      "─",
      " ",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: -2, max: 12 }), (pieces, index) => {
      const text = pieces.join("");
      expect([...own.segment(text)]).toEqual([...full.segment(text)]);
      expect(own.segment(text).containing(index)).toEqual(full.segment(text).containing(index));
    }),
    { numRuns: 2000 },
  );
});
