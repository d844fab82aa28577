/** Styles that travel through Ink as hyperlinks. */
import { expect, test } from "vitest";
import { CarriedDoor, carry, safeLink } from "../../../views/panes/carried.ts";

const end = "\x1b]8;;\x07";
const plain = { blink: false, underline: 0, link: "" };

test("what a row carries becomes what it is, and ends", () => {
  const door = new CarriedDoor();
  expect(door.unpack(`${carry({ ...plain, underline: 3 }, 0)}a${end}b`)).toBe("\x1b[4m\x1b[4:3ma\x1b[24;25mb");
  expect(door.unpack(`${carry({ ...plain, blink: true }, 0)}a${carry({ ...plain, underline: 2 }, 0)}b`)).toBe(
    "\x1b[5ma\x1b[24;25m\x1b[4m\x1b[4:2mb",
  );
  expect(door.unpack(end)).toBe("\x1b[24;25m");
  const link = carry({ ...plain, link: "https://example.org/?a;b" }, 7);
  expect(door.unpack(`${link}a`)).toBe("\x1b]8;id=berth7;https://example.org/?a;b\x07a");
  expect(door.unpack(`${carry({ ...plain, blink: true }, 0)}b${end}`)).toBe(`\x1b[5m${end}b\x1b[24;25m`);
});

test("nothing to carry is nothing, and other text is left alone", () => {
  expect(carry(plain, 3)).toBe("");
  expect(new CarriedDoor().unpack("\x1b[1mplain\x1b[0m")).toBe("\x1b[1mplain\x1b[0m");
});

test.each([
  ["https://example.org/a?b=c#d;e", true],
  ["mailto:a@b.c", true],
  ["file:///etc/passwd", false],
  ["javascript:alert(1)", false],
  ["https://a b/", false],
  ["https://a\x1b]0;x", false],
  [`https://${"a".repeat(3000)}`, false],
])("%s can be followed: %s", (address, can) => {
  expect(safeLink(address)).toBe(can ? address : "");
});
