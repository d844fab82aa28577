/** What dates an image: the build argument, or what the Dockerfile says before its first FROM. */
import { expect, test } from "vitest";
import type { BuildOptions } from "../../../../engine/build/index.ts";
import { dateOf } from "../../../../engine/build/plan/index.ts";
import { parseDockerfile } from "../../../../engine/dockerfile/index.ts";

function date(lines: string, more: Partial<BuildOptions> = {}, ofContext?: number) {
  const dockerfile = parseDockerfile(`${lines}\nFROM scratch\n`, { file: "Dockerfile" });
  const { epoch, options } = dateOf(dockerfile, { context: ".", ...more }, ofContext);
  return [epoch, options.buildArgs?.["SOURCE_DATE_EPOCH"]];
}
const given = (value: string) => ({ buildArgs: { SOURCE_DATE_EPOCH: value } });

test.each<[string, Partial<BuildOptions>, [number | undefined, string | undefined]]>([
  ["# nothing", {}, [undefined, undefined]],
  ["# nothing", given("1700000001"), [1700000001, "1700000001"]],
  ["# nothing", given(""), [undefined, ""]],
  ["ARG SOURCE_DATE_EPOCH=1445412480", {}, [1445412480, undefined]],
  ["ARG SOURCE_DATE_EPOCH=1445412480", given("5"), [5, "5"]],
  ["ARG SOURCE_DATE_EPOCH=1445412480", given(""), [undefined, ""]],
  ["ARG A=17\nARG SOURCE_DATE_EPOCH=${A}0", {}, [170, undefined]],
  ["ARG SOURCE_DATE_EPOCH", {}, [undefined, undefined]],
  ["ARG SOURCE_DATE_EPOCH=context", {}, [undefined, ""]],
  ["# nothing", given("context"), [undefined, ""]],
])("%s, %j", (lines, more, expected) => {
  expect(date(lines, more)).toEqual(expected);
});

test("a context that came over the network has a time", () => {
  expect(date("# nothing", given("context"), 1700000101)).toEqual([1700000101, "1700000101"]);
  expect(date("ARG SOURCE_DATE_EPOCH=context", {}, 1700000101)).toEqual([1700000101, "1700000101"]);
  expect(date("# nothing", given("5"), 1700000101)).toEqual([5, "5"]);
  expect(date("# nothing", {}, 1700000101)).toEqual([undefined, undefined]);
});

test("what is no time", () => {
  expect(() => date("ARG SOURCE_DATE_EPOCH=not-a-timestamp")).toThrow("invalid SOURCE_DATE_EPOCH: not-a-timestamp");
  expect(() => date("# nothing", given("-5"))).toThrow("invalid SOURCE_DATE_EPOCH: -5");
});
