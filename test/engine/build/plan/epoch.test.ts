/** What dates an image: the build argument, or what the Dockerfile says before its first FROM. */
import { expect, test } from "vitest";
import type { BuildOptions } from "../../../../engine/build/index.ts";
import { dateOf } from "../../../../engine/build/plan/index.ts";
import { parseDockerfile } from "../../../../engine/dockerfile/index.ts";

/** What is not the context is as old as its name is long. */
async function date(lines: string, more: Partial<BuildOptions> = {}, ofContext?: number) {
  const dockerfile = parseDockerfile(`${lines}\nFROM scratch\n`, { file: "Dockerfile" });
  const asked: string[] = [];
  const age = async (...names: string[]) => {
    asked.push(...names);
    return names[0] === "local" ? undefined : names[0]?.length;
  };
  const { epoch, options } = await dateOf(
    dockerfile,
    { context: ".", ...more },
    {
      ...(ofContext !== undefined && { context: ofContext }),
      ...{
        contexts: new Set(["named", "local"]),
        named: age,
        remote: (address, checksum) => age(address, ...(checksum ? [checksum] : [])),
      },
    },
  );
  return [epoch, options.buildArgs?.["SOURCE_DATE_EPOCH"], ...asked];
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
])("%s, %j", async (lines, more, expected) => {
  expect(await date(lines, more)).toEqual(expected);
});

test("a context that came over the network has a time", async () => {
  expect(await date("# nothing", given("context"), 1700000101)).toEqual([1700000101, "1700000101"]);
  expect(await date("ARG SOURCE_DATE_EPOCH=context", {}, 1700000101)).toEqual([1700000101, "1700000101"]);
  expect(await date("# nothing", given("5"), 1700000101)).toEqual([5, "5"]);
  expect(await date("# nothing", {}, 1700000101)).toEqual([undefined, undefined]);
});

test("what is no time", async () => {
  await expect(date("ARG SOURCE_DATE_EPOCH=not-a-timestamp")).rejects.toThrow("invalid SOURCE_DATE_EPOCH: not-a-timestamp");
  await expect(date("# nothing", given("-5"))).rejects.toThrow("invalid SOURCE_DATE_EPOCH: -5");
});

test("a named context dates the build, before a stage of its name; one of this host has no time", async () => {
  expect(await date("FROM scratch AS named\nADD http://h/longer /", given("Named"))).toEqual([5, "5", "named"]);
  expect(await date("ARG SOURCE_DATE_EPOCH=local")).toEqual([undefined, "", "local"]);
});

test("a stage dates the build by what its ADD fetches", async () => {
  const stage = (add: string) => `ARG SOURCE_DATE_EPOCH=src\nARG HOST=h\nFROM scratch AS src\n${add}`;
  expect(await date(stage("ADD http://h/a.tar /"))).toEqual([14, "14", "http://h/a.tar"]);
  expect(await date(stage("ADD http://h/a.tar /"), given("7"))).toEqual([7, "7"]);
  expect(await date(stage("ADD http://h/a.tar /"), given("SRC"))).toEqual([14, "14", "http://h/a.tar"]);
  const version = "ARG V=1\nADD https://${HOST}/$V.tar /";
  expect(await date(stage(version))).toEqual([15, "15", "https://h/1.tar"]);
  expect(await date(stage(version), { buildArgs: { V: "22" } })).toEqual([16, "16", "https://h/22.tar"]);
  const sum = `sha256:${"0".repeat(64)}`;
  expect(await date(stage(`ADD --checksum=${sum} http://h/a /`))).toEqual([10, "10", "http://h/a", sum]);
  expect(await date(stage("ADD https://h/r.git#v1 /"))).toEqual([18, "18", "https://h/r.git#v1"]);
});

test.each([
  ["FROM busybox AS src\nADD http://h/a /", "stage must use FROM scratch"],
  ["FROM scratch AS src\nCOPY Dockerfile /", "stage does not meet source-only requirements: unsupported copy instruction"],
  ["FROM scratch AS src\nARG A", "stage must contain exactly one remote ADD"],
  ["FROM scratch AS src\nADD http://h/a /\nADD http://h/b /", "stage must contain exactly one remote ADD"],
  ["FROM scratch AS src\nADD http://h/a http://h/b /", "stage must contain exactly one remote ADD source"],
  ["FROM scratch AS src\nADD file /", "stage source must be a single HTTP(S) or Git ADD"],
])("%j dates nothing", async (stage, why) => {
  await expect(date(`ARG SOURCE_DATE_EPOCH=src\n${stage}`)).rejects.toThrow(`SOURCE_DATE_EPOCH ${why}`);
});
