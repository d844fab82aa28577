import { expect, test } from "vitest";
import { layoutOf, type Rect, tile } from "../../views/layout.ts";
import { initialState } from "../../views/state.ts";
import fc from "../support/property.ts";

const stateOf = (columns: number, rows: number) => initialState({ columns, rows, version: "0", root: "", now: 0 });

test("the detail pane stands beside the list from 110 columns on", () => {
  expect(layoutOf(stateOf(109, 30)).detailWidth).toBe(0);
  const wide = layoutOf(stateOf(110, 30));
  expect(wide.detailWidth).toBeGreaterThan(30);
  expect(wide.listWidth + wide.detailWidth + 1).toBe(110);
  expect(layoutOf(stateOf(400, 30)).detailWidth).toBe(76);
});

test("notes and candidates take their rows from the body", () => {
  const state = stateOf(80, 24);
  const toasts = [{ id: 1, tone: "bad" as const, lines: ["what", "why"] }];
  expect(layoutOf(state).bodyRows).toBe(20);
  expect(layoutOf({ ...state, toasts }).bodyRows).toBe(18);
  const many = [{ id: 1, tone: "bad" as const, lines: Array.from({ length: 40 }, String) }];
  expect(layoutOf({ ...state, toasts: many }).bodyRows).toBe(14);
});

test("a small screen is told, one cell more is not", () => {
  expect(layoutOf(stateOf(39, 10)).tooSmall).toBe(true);
  expect(layoutOf(stateOf(40, 9)).tooSmall).toBe(true);
  expect(layoutOf(stateOf(40, 10)).tooSmall).toBe(false);
});

test("two terminals stand side by side only when both stay 80 wide", () => {
  const area = { x: 0, y: 1, width: 161, height: 40 };
  expect(tile(2, area, 0, false)).toEqual([
    { x: 0, y: 1, width: 80, height: 40 },
    { x: 81, y: 1, width: 80, height: 40 },
  ]);
  expect(tile(2, { ...area, width: 160 }, 0, false)).toEqual([
    { x: 0, y: 1, width: 160, height: 20 },
    { x: 0, y: 21, width: 160, height: 20 },
  ]);
  expect(tile(2, area, 1, true)).toEqual([undefined, area]);
  expect(tile(0, area, 0, false)).toEqual([]);
});

test("terminals never overlap and never leave the area", () => {
  const inside = (rect: Rect, area: Rect) =>
    rect.x >= area.x && rect.y >= area.y && rect.x + rect.width <= area.x + area.width && rect.y + rect.height <= area.y + area.height;
  const apart = (a: Rect, b: Rect) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 40, max: 300 }),
      fc.integer({ min: 6, max: 90 }),
      (count, width, height) => {
        const area = { x: 0, y: 1, width, height };
        const rects = tile(count, area, 0, false).filter((rect) => rect !== undefined);
        expect(rects.length).toBeGreaterThan(0);
        for (const [at, rect] of rects.entries()) {
          expect(inside(rect, area)).toBe(true);
          expect(rect.height).toBeGreaterThanOrEqual(2);
          for (const other of rects.slice(at + 1)) expect(apart(rect, other)).toBe(true);
        }
      },
    ),
  );
});
