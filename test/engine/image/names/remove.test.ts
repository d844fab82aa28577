import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { House } from "../../../../engine/house.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { leftovers } from "../scene.ts";
import { recordContainer, shelve } from "../shelf.ts";

let scene: TestEngine;
let engine: House;
beforeEach(() => {
  scene = openTestEngine();
  engine = scene.engine;
});
afterEach(async () => {
  engine.db.run("DELETE FROM containers");
  await scene[Symbol.asyncDispose]();
});

const short = (id: string) => id.replace("sha256:", "").slice(0, 12);
const digest = `sha256:${"a".repeat(64)}`;
const ids = async (all = false) => (await engine.images.list({ all })).map(({ Id }) => Id);

describe("a name", () => {
  test("goes alone while there are others, and takes the image with it when it is the last", async () => {
    const id = await shelve(engine, { references: ["app:1", "app:2"], layers: ["one", "two"] });
    expect(await engine.images.remove("app:1")).toEqual([{ Untagged: "app:1" }]);
    expect(leftovers(engine)).toHaveLength(4);
    const rows = await engine.images.remove("app:2");
    expect(rows.slice(0, 2)).toEqual([{ Untagged: "app:2" }, { Deleted: id }]);
    expect(rows).toHaveLength(4);
    expect(rows.slice(2).every((row) => row.Deleted?.startsWith("sha256:"))).toBe(true);
    expect(leftovers(engine)).toEqual([]);
    expect(engine.db.all("SELECT * FROM layers")).toEqual([]);
  });

  test("takes the digests of its repository along, and nobody else's", async () => {
    const id = await shelve(engine, { references: ["app:1", `app@${digest}`, `other@${digest}`] });
    expect(await engine.images.remove("app:1")).toEqual([{ Untagged: "app:1" }, { Untagged: `app@${digest}` }]);
    expect(await ids()).toEqual([id]);
    expect(await engine.images.remove(`other@${digest}`)).toContainEqual({ Deleted: id });
  });

  test("of an image that a container uses must be forced when it is the last, and then the image stays", async () => {
    const id = await shelve(engine, { references: ["app:1", "app:2"] });
    const container = recordContainer(engine, id, "running");
    expect(await engine.images.remove("app:2")).toEqual([{ Untagged: "app:2" }]);
    await expect(engine.images.remove("app:1")).rejects.toMatchObject({
      code: "in-use",
      message: `conflict: unable to remove repository reference "app:1" (must force) - container ${container.slice(0, 12)} is using its referenced image ${short(id)}`,
    });
    expect(await engine.images.remove("app:1", { force: true })).toEqual([{ Untagged: "app:1" }]);
    expect(await ids()).toEqual([id]);
  });

  test("of an image that others are made from is taken away, and the image stays for them", async () => {
    const parent = await shelve(engine, { references: ["base:1"], layers: ["base"] });
    await shelve(engine, { references: ["app:1"], layers: ["base", "app"], parent });
    expect(await engine.images.remove("base:1")).toEqual([{ Untagged: "base:1" }]);
    expect(await ids(true)).toContain(parent);
  });
});

describe("an id", () => {
  test("with one name deletes the image; its short form does too", async () => {
    const id = await shelve(engine, { references: ["app:1", `app@${digest}`] });
    const rows = await engine.images.remove(short(id));
    expect(rows.slice(0, 3)).toEqual([{ Untagged: "app:1" }, { Untagged: `app@${digest}` }, { Deleted: id }]);
    expect(await ids()).toEqual([]);
  });

  test("with several names must be forced", async () => {
    const id = await shelve(engine, { references: ["app:1", "app:2", "other:1"] });
    await expect(engine.images.remove(id)).rejects.toMatchObject({
      code: "in-use",
      message: `conflict: unable to delete ${short(id)} (must be forced) - image is referenced in multiple repositories`,
      hint: expect.stringContaining("app:1, app:2, other:1"),
    });
    const rows = await engine.images.remove(id, { force: true });
    expect(rows.filter((row) => row.Untagged).map((row) => row.Untagged)).toEqual(["app:1", "app:2", "other:1"]);
    expect(await ids()).toEqual([]);
  });

  test.each(["running", "paused", "restarting"])("of an image that a %s container uses cannot be forced", async (status) => {
    const id = await shelve(engine, { references: ["app:1"] });
    const container = recordContainer(engine, id, status).slice(0, 12);
    for (const force of [false, true])
      await expect(engine.images.remove(id, { force })).rejects.toMatchObject({
        message: `conflict: unable to delete ${short(id)} (cannot be forced) - image is being used by running container ${container}`,
      });
    expect((await engine.images.inspect(id)).RepoTags).toEqual(["app:1"]);
  });

  test("of an image that a stopped container uses must be forced, and then loses its names only", async () => {
    const id = await shelve(engine, { references: ["app:1"] });
    const container = recordContainer(engine, id, "exited").slice(0, 12);
    const message = (force: string) =>
      `conflict: unable to delete ${short(id)} (${force}) - image is being used by stopped container ${container}`;
    await expect(engine.images.remove(id)).rejects.toMatchObject({ message: message("must be forced") });
    expect(await engine.images.remove(id, { force: true })).toEqual([{ Untagged: "app:1" }]);
    await expect(engine.images.remove(id, { force: true })).rejects.toMatchObject({ message: message("cannot be forced") });
    engine.db.run("DELETE FROM containers");
    expect(await engine.images.remove(id)).toContainEqual({ Deleted: id });
  });

  test("of an image that others are made from cannot be forced", async () => {
    const parent = await shelve(engine, { layers: ["base"] });
    await shelve(engine, { references: ["app:1"], layers: ["base", "app"], parent });
    await expect(engine.images.remove(parent, { force: true })).rejects.toMatchObject({
      message: `conflict: unable to delete ${short(parent)} (cannot be forced) - image has dependent child images`,
    });
  });

  test("that fits nothing, or several images", async () => {
    await expect(engine.images.remove("nothing")).rejects.toMatchObject({ code: "not-found", message: "No such image: nothing:latest" });
    for (const word of Array.from({ length: 17 }, (_, index) => `w${index}`))
      await shelve(engine, { layers: ["base"], created: undefined, config: { Env: [word] } });
    const prefix = (await ids(true)).map((id) => id.slice(7, 8)).find((first, index, all) => all.indexOf(first) !== index)!;
    await expect(engine.images.remove(prefix)).rejects.toMatchObject({ code: "ambiguous" });
  });
});

describe("untagged parents", () => {
  const family = async () => {
    const grandparent = await shelve(engine, { layers: ["one"] });
    const parent = await shelve(engine, { layers: ["one", "two"], parent: grandparent });
    const child = await shelve(engine, { references: ["app:1"], layers: ["one", "two", "three"], parent });
    return { grandparent, parent, child };
  };

  test("go with their last child", async () => {
    const { grandparent, parent, child } = await family();
    const deleted = (await engine.images.remove("app:1")).map((row) => row.Deleted);
    expect(deleted).toEqual(expect.arrayContaining([child, parent, grandparent]));
    expect(leftovers(engine)).toEqual([]);
  });

  test("stay with --no-prune, with a name, or with another child", async () => {
    const first = await family();
    await engine.images.remove("app:1", { noPrune: true });
    expect(await ids(true)).toEqual(expect.arrayContaining([first.parent, first.grandparent]));
    await shelve(engine, { references: ["app:1"], layers: ["one", "two", "three"], parent: first.parent });
    await engine.images.tag(first.grandparent, "named");
    await engine.images.remove("app:1");
    expect(await ids(true)).toEqual([first.grandparent]);
    expect(leftovers(engine)).toHaveLength(2);
  });
});

test("layers that another image has stay, and those of the build cache too", async () => {
  const one = await shelve(engine, { references: ["one"], layers: ["base", "one"] });
  await shelve(engine, { references: ["two"], layers: ["base", "two"] });
  expect(await engine.images.remove("one")).toHaveLength(3); // untagged, the image, its own layer
  const [{ chain_id: chain } = { chain_id: "" }] = engine.db.all<{ chain_id: string }>("SELECT chain_id FROM images");
  const facts = { diff_id: "", description: "", size: 0, created: 0, used: 0, uses: 0, data: "{}" };
  engine.db.insert("build_cache", { key: "k", chain_id: chain, ...facts });
  expect((await engine.images.remove("two")).filter((row) => row.Deleted)).toHaveLength(1);
  expect(engine.db.all("SELECT * FROM layers")).toHaveLength(2);
  expect(one).not.toBe("");
});

test("an image without layers goes without a trace", async () => {
  const id = await shelve(engine, { references: ["empty"], layers: [] });
  expect(await engine.images.remove("empty")).toEqual([{ Untagged: "empty:latest" }, { Deleted: id }]);
  expect(engine.db.all("SELECT * FROM leases")).toEqual([]);
});

test("events tell what happened", async () => {
  const id = await shelve(engine, { references: ["app:1"] });
  await engine.images.remove("app:1");
  const events = engine.db.all<{ action: string; id: string }>(
    "SELECT action, actor AS id FROM events WHERE type = 'image' ORDER BY rowid",
  );
  expect(events).toEqual([
    { action: "untag", id },
    { action: "delete", id },
  ]);
});

describe("prune", () => {
  test("removes what has no name, and with all what no container uses", async () => {
    const dangling = await shelve(engine, { layers: ["base", "x"] });
    const used = await shelve(engine, { references: ["used:1"], layers: ["base", "used"] });
    const idle = await shelve(engine, { references: ["idle:1", "idle:2"], layers: ["base", "idle"] });
    recordContainer(engine, used, "exited");
    const first = await engine.images.prune();
    expect(first.ImagesDeleted).toContainEqual({ Deleted: dangling });
    expect(first.SpaceReclaimed).toBe(100); // its own layer: "x" a hundred times
    expect((await engine.images.prune({ filters: { dangling: ["true"] } })).ImagesDeleted).toEqual([]);
    const second = await engine.images.prune({ all: true });
    expect(second.ImagesDeleted.slice(0, 3)).toEqual([{ Untagged: "idle:1" }, { Untagged: "idle:2" }, { Deleted: idle }]);
    expect(await ids()).toEqual([used]);
  });

  test("takes no blank name", async () => {
    await expect(engine.images.remove(" ")).rejects.toMatchObject({ code: "invalid", message: "image name cannot be blank" });
  });

  test("heeds until and labels", async () => {
    const old = await shelve(engine, { created: "2020-01-01T00:00:00Z", config: { Labels: { keep: "no" } } });
    const kept = await shelve(engine, { created: "2020-01-02T00:00:00Z", config: { Labels: { keep: "yes" } } });
    const young = await shelve(engine, { created: new Date().toISOString() });
    expect((await engine.images.prune({ filters: { until: ["24h"], "label!": ["keep=yes"] } })).ImagesDeleted).toContainEqual({
      Deleted: old,
    });
    expect((await ids()).sort()).toEqual([kept, young].sort());
    await engine.images.prune({ filters: { label: ["keep"] } });
    expect(await ids()).toEqual([young]);
    await expect(engine.images.prune({ filters: { colour: ["red"] } })).rejects.toMatchObject({ code: "invalid" });
    await expect(engine.images.prune({ filters: { until: ["soon"] } })).rejects.toMatchObject({ code: "invalid" });
  });
});
