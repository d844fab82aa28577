import { expect, test } from "vitest";
import { editDistance, nearest } from "../../engine/suggest.ts";

test.each([
  ["", "", 0],
  ["stop", "stop", 0],
  ["stpo", "stop", 1],
  ["stopp", "stop", 1],
  ["rum", "run", 1],
  ["kitten", "sitting", 3],
])("from %j to %j it is %d", (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
});

test.each([
  ["imagse", "images"],
  ["conatiner", "container"],
  ["x", undefined],
  ["insp", "inspect"],
  ["frobnicate", undefined],
])("%s suggests %s", (word, name) => {
  expect(nearest(word, ["images", "container", "inspect", "run", "rm"])).toBe(name);
});
