/** Groups of a list: which there are, what stands for what. */
import { expect, test } from "vitest";
import { grouped, identityOf, isGroup, labelsOf, objectsOf } from "../../views/groups.ts";
import { resource } from "../../views/resources/index.ts";
import { arrange, foundIn, targets } from "../../views/selection.ts";
import { initialState } from "../../views/state.ts";
import { container } from "../support/fake-engine.ts";

const view = resource("containers");
const of = (name: string, project?: string) => container(name, { Labels: project === undefined ? {} : { team: project } });
const rows = [of("z1", "zoo"), of("alone"), of("a1", "ape"), of("z2", "zoo"), of("other")];
const names = (shown: readonly unknown[]) => shown.map((row) => (isGroup(row) ? `[${row.value}]` : view.name(row)));
const emptyList = initialState({ columns: 80, rows: 24, version: "", root: "", now: 0 }).lists.containers;

test("groups by their values, rows without a value last, in the order that they had", () => {
  expect(names(grouped(view, rows, "team", new Set()))).toEqual(["[ape]", "a1", "[zoo]", "z1", "z2", "alone", "other"]);
  expect(names(grouped(view, rows, "team", new Set(["zoo"])))).toEqual(["[ape]", "a1", "[zoo]", "alone", "other"]);
  expect(names(objectsOf(grouped(view, rows, "team", new Set(["zoo"]))))).toEqual(["a1", "z1", "z2", "alone", "other"]);
  expect(names(grouped(view, rows, "absent", new Set()))).toEqual(names(rows));
});

test("an action on a group is for all of its rows that the filter leaves, and no others", () => {
  const list = arrange(view, emptyList, { rows, group: "team", filter: "!z1" });
  const at = list.shown.findIndex((row) => isGroup(row) && row.value === "zoo");
  expect(names(targets(view, { ...list, cursor: at }))).toEqual(["z2"]);
  expect(names(targets(view, { ...list, cursor: at, marked: new Set([view.identify(rows[1])]) }))).toEqual(["alone"]);
});

test("the cursor stays on its group, or on its row, when others come and when groups do", () => {
  const list = arrange(view, emptyList, { rows, group: "team" });
  const on = (cursor: number, change: Parameters<typeof arrange>[2]) => {
    const next = arrange(view, { ...list, cursor }, change);
    return names(next.shown)[next.cursor];
  };
  expect(on(2, { rows: [of("a0", "ape"), ...rows] })).toBe("[zoo]");
  expect(on(3, { group: undefined })).toBe("z1");
  expect(new Set(list.shown.map((row) => identityOf(view, row))).size).toBe(list.shown.length);
});

test("labels that rows have, with the number of their values", () => {
  expect(labelsOf(view, [...rows, container("x", { Labels: { b: "1", team: "ape" } })])).toEqual([
    { label: "b", values: 1 },
    { label: "team", values: 2 },
  ]);
});

test.each([
  ["web", "web", ["name"]],
  ["busy", "web", ["image"]],
  ["web busy", "web", ["name", "image"]],
  ["blue", "web", ["label"]],
  ["state:running", "web", []],
  ["!old", "web", []],
  ["wb", "web", ["name, letters apart"]],
])("%j is found in %s: %j", (filter, name, where) => {
  const row = container(name, { Labels: { colour: "blue" } });
  expect(foundIn(view, row, filter, (at) => view.columns[at]!.value(row, 0, new Map(), new Map()))).toEqual(where);
});
