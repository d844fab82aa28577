import { expect, test } from "vitest";
import { gap, missingCells, type PlacedColumn, placeColumns } from "../../views/columns.ts";
import type { ResourceColumn } from "../../views/resources/resource.ts";

const column = (header: string, rest: Partial<ResourceColumn<never>>): ResourceColumn<never> => ({
  header,
  min: 5,
  value: () => "",
  ...rest,
});
const total = (placed: readonly PlacedColumn[]) => placed.reduce((sum, { width }) => sum + width + gap, -gap);

const columns = [
  column("NAME", { min: 10, grow: 1 }),
  column("IMAGE", { min: 10, drop: 1 }),
  column("AGE", { min: 18, content: 18, drop: 2 }),
  column("CPU", { min: 5, align: "right", drop: 3 }),
];

test("columns leave in their order until the least widths fit", () => {
  const natural = [30, 30, 3, 3];
  const kept = (width: number) => placeColumns(columns, natural, width).map(({ index }) => index);
  expect(kept(200)).toEqual([0, 1, 2, 3]);
  expect(kept(48)).toEqual([0, 1, 2]);
  expect(kept(30)).toEqual([0, 1]);
  expect(kept(15)).toEqual([0]);
  expect(kept(4)).toEqual([0]);
});

test("free room goes to what needs it, then to what grows", () => {
  const placed = placeColumns(columns, [30, 12, 3, 3], 100);
  expect(placed.map(({ width }) => width)).toEqual([100 - 12 - 18 - 5 - 3 * gap, 12, 18, 5]);
  expect(total(placed)).toBe(100);
});

test("short content gives its room away", () => {
  const [name, image] = placeColumns([columns[0]!, columns[1]!], [40, 2], 40);
  expect(image).toEqual({ index: 1, width: 6 });
  expect(name!.width).toBe(40 - 6 - gap);
});

test("a column of ages is as wide as its ages may become", () => {
  expect(placeColumns([columns[2]!], [3], 80)[0]!.width).toBe(18);
});

test("what may not leave shares too little room, the widest giving most", () => {
  const stay = [column("A", { min: 1 }), column("NAME", { min: 14 }), column("STATUS", { min: 27 })];
  const placed = placeColumns(stay, [1, 30, 30], 35);
  expect(placed.map(({ width }) => width)).toEqual([1, 14, 16]);
  expect(total(placed)).toBe(35);
});

test("names get their room before what else there is wants its own", () => {
  const list = [column("NAME", { min: 5, grow: 3 }), column("STATUS", { min: 5, grow: 2 }), column("PORTS", { min: 5, grow: 3, drop: 2 })];
  expect(placeColumns(list, [14, 20, 20], 34).map(({ width }) => width)).toEqual([14, 11, 5]);
});

test("cells that are missing: of what is cut or has left, unless it is only nice to have", () => {
  const nice = column("ID", { min: 12, drop: 5 });
  const all = [columns[0]!, columns[1]!, nice];
  expect(missingCells(all, [20, 14, 12], 80)).toBe(0);
  expect(missingCells(all, [20, 14, 12], 20 + 14 + gap)).toBe(0);
  expect(missingCells(all, [20, 14, 12], 20 + 10 + gap)).toBe(4);
  expect(missingCells(all, [20, 14, 12], 18)).toBe(2 + 14);
});
