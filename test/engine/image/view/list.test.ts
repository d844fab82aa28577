import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImageListOptions } from "../../../../engine/index.ts";
import { parseMoment } from "../../../../engine/instant.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { recordContainer, shelve } from "../shelf.ts";

let scene: TestEngine;
/** Words for ids. */
const ids: Record<string, string> = {};
const digest = `sha256:${"d".repeat(64)}`;

beforeAll(async () => {
  scene = openTestEngine();
  const put = async (word: string, created: string, image: Parameters<typeof shelve>[1]) => {
    ids[word] = await shelve(scene.engine, { created, ...image });
  };
  await put("old", "2020-01-01T00:00:00Z", {
    references: ["old:1"],
    layers: ["base", "old"],
    config: { Labels: { team: "a", stage: "" } },
  });
  await put("mid", "2021-01-01T00:00:00Z", {
    references: ["app:1", "app:2", `app@${digest}`, "reg.test:5000/team/app:1"],
    layers: ["base", "mid"],
    config: { Labels: { team: "b" } },
  });
  await put("parent", "2021-06-01T00:00:00Z", { layers: ["base"] });
  await put("dangling", "2022-01-01T00:00:00Z", { layers: ["base", "lost"], parent: ids["parent"] });
  await put("digested", "2023-01-01T00:00:00Z", { references: [`only@${digest}`], layers: ["alone"] });
  recordContainer(scene.engine, ids["mid"]!, "exited");
});
afterAll(async () => {
  scene.engine.db.run("DELETE FROM containers");
  await scene[Symbol.asyncDispose]();
});

async function list(options: ImageListOptions = {}): Promise<string[]> {
  const found = await scene.engine.images.list(options);
  return found.map(({ Id }) => Object.keys(ids).find((word) => ids[word] === Id)!);
}
const filter = (...pairs: [string, string][]) => {
  const filters: Record<string, string[]> = {};
  for (const [key, value] of pairs) (filters[key] ??= []).push(value);
  return list({ filters });
};

test("newest first; parents without a name only with all", async () => {
  expect(await list()).toEqual(["digested", "dangling", "mid", "old"]);
  expect(await list({ all: true })).toEqual(["digested", "dangling", "parent", "mid", "old"]);
});

test("a row's facts", async () => {
  const rows = await scene.engine.images.list({ all: true });
  const row = (word: string) => rows.find(({ Id }) => Id === ids[word]);
  expect(row("mid")).toEqual({
    Id: ids["mid"],
    ParentId: "",
    RepoTags: ["app:1", "app:2", "reg.test:5000/team/app:1"],
    RepoDigests: [`app@${digest}`],
    Created: Date.parse("2021-01-01T00:00:00Z") / 1000,
    Size: 400 + 300,
    SharedSize: 400,
    Labels: { team: "b" },
    Containers: 1,
    Dangling: false,
  });
  expect(row("dangling")).toMatchObject({ ParentId: ids["parent"], RepoTags: [], Dangling: true, Containers: 0 });
  expect(row("digested")).toMatchObject({ RepoTags: [], RepoDigests: [`only@${digest}`], Dangling: true, SharedSize: 0 });
});

describe("filters", () => {
  test.each<[string, [string, string][], string[]]>([
    ["dangling=true", [["dangling", "true"]], ["digested", "dangling"]],
    ["dangling=0", [["dangling", "0"]], ["mid", "old"]],
    ["a label", [["label", "team"]], ["mid", "old"]],
    ["a label's value", [["label", "team=a"]], ["old"]],
    ["an empty value", [["label", "stage="]], ["old"]],
    [
      "two labels",
      [
        ["label", "team"],
        ["label", "stage"],
      ],
      ["old"],
    ],
    ["a label nobody has", [["label", "toString"]], []],
    ["a reference", [["reference", "app"]], ["mid"]],
    ["a reference's pattern", [["reference", "*:1"]], ["mid", "old"]],
    ["a pattern that stops at slashes", [["reference", "*/*/app"]], ["mid"]],
    ["a pattern with ? and [", [["reference", "[a-o]?p:?"]], ["mid"]],
    [
      "several references",
      [
        ["reference", "old"],
        ["reference", "only"],
      ],
      ["digested", "old"],
    ],
    ["before", [["before", "app:1"]], ["old"]],
    ["since", [["since", "app:1"]], ["digested", "dangling"]],
    [
      "since and before",
      [
        ["since", "old:1"],
        ["before", "only@".concat(digest)],
      ],
      ["dangling", "mid"],
    ],
    ["until a time", [["until", "2021-06-01T00:00:00Z"]], ["mid", "old"]],
    ["until a time as date -Ins writes it", [["until", "2021-06-01T00:00:00,000000001+00:00"]], ["mid", "old"]],
    [
      "different keys at once",
      [
        ["label", "team"],
        ["reference", "old"],
      ],
      ["old"],
    ],
  ])("%s", async (_, pairs, expected) => expect(await filter(...pairs)).toEqual(expected));

  test.each<[string, [string, string], object]>([
    ["an unknown key", ["colour", "red"], { code: "invalid", message: "invalid filter 'colour'" }],
    ["a boolean that is none", ["dangling", "maybe"], { code: "invalid" }],
    ["an image that is not there", ["before", "nothing"], { code: "not-found" }],
    ["a time that is none", ["until", "soon"], { code: "invalid" }],
    ["a broken pattern", ["reference", "[z-a]"], { code: "invalid" }],
  ])("%s is refused", async (_, pair, expected) => expect(filter(pair)).rejects.toMatchObject(expected));

  test("only the names that fit are shown", async () => {
    const [image] = await scene.engine.images.list({ reference: "app:2" });
    expect(image).toMatchObject({ Id: ids["mid"], RepoTags: ["app:2"], RepoDigests: [] });
    expect(await list({ reference: "reg.test:5000/team/app" })).toEqual(["mid"]);
    expect(await list({ reference: "nothing" })).toEqual([]);
  });
});

test.each([
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["250ms", 250],
])("%s before now", (text, milliseconds) => expect(parseMoment(text, 10_000_000)).toBe(10_000_000 - milliseconds));

test("times as seconds and as text", () => {
  expect(parseMoment("1600000000")).toBe(1_600_000_000_000);
  expect(parseMoment("2020-01-02")).toBe(Date.UTC(2020, 0, 2));
});
