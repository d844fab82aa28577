import { expect, test } from "vitest";
import { type MouseNotation, type MouseTracking, mouseReport } from "../../../views/input/mouse-report.ts";
import type { Mouse } from "../../../views/input/router.ts";

const press: Mouse = { button: 0, x: 4, y: 9, press: true };
const release: Mouse = { ...press, press: false };
const drag: Mouse = { ...press, button: 32 };
const move: Mouse = { ...press, button: 35 };
const wheel: Mouse = { ...press, button: 65 };
const withCtrl: Mouse = { ...press, button: 16 };
const report = (mouse: Mouse, tracking: MouseTracking, notation: MouseNotation) =>
  mouseReport(mouse, tracking, notation).toString("latin1");

test.each<[MouseTracking, Mouse[]]>([
  ["none", []],
  ["x10", [press, withCtrl]],
  ["vt200", [press, release, wheel, withCtrl]],
  ["drag", [press, release, drag, wheel, withCtrl]],
  ["any", [press, release, drag, move, wheel, withCtrl]],
])("%s: the events that were asked for, and no other", (tracking, wanted) => {
  const all = [press, release, drag, move, wheel, withCtrl];
  expect(all.filter((mouse) => report(mouse, tracking, "sgr"))).toEqual(wanted);
});

test.each<[MouseNotation, Mouse, string]>([
  ["sgr", press, "\x1b[<0;5;10M"],
  ["sgr", release, "\x1b[<0;5;10m"],
  ["sgr", drag, "\x1b[<32;5;10M"],
  ["urxvt", press, "\x1b[32;5;10M"],
  ["urxvt", { ...release, button: 2 }, "\x1b[35;5;10M"],
  ["default", press, "\x1b[M %*"],
  ["default", release, "\x1b[M#%*"],
  ["default", { ...release, button: 17 }, "\x1b[M3%*"],
  ["default", wheel, "\x1b[Ma%*"],
  ["default", { ...press, x: 222 }, "\x1b[M \xff*"],
  ["default", { ...press, x: 223 }, ""],
  ["utf8", { ...press, x: 222 }, "\x1b[M \xc3\xbf*"],
  ["utf8", { ...press, x: 2014 }, "\x1b[M \xdf\xbf*"],
  ["utf8", { ...press, x: 2015 }, ""],
])("%s notation of %o", (notation, mouse, bytes) => {
  expect(report(mouse, "any", notation)).toBe(bytes);
});

test("X10 knows no modifiers", () => {
  expect(report(withCtrl, "x10", "default")).toBe("\x1b[M %*");
});
