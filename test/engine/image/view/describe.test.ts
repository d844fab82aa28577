/** What tag, inspect and history say of an image. */
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { House } from "../../../../engine/house.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { shelve } from "../shelf.ts";

let scene: TestEngine;
let engine: House;
beforeEach(() => {
  scene = openTestEngine();
  engine = scene.engine;
});
afterEach(() => scene[Symbol.asyncDispose]());

describe("tag", () => {
  test("adds names, and takes them from others", async () => {
    const one = await shelve(engine, { references: ["app:1"], layers: ["one"] });
    const two = await shelve(engine, { references: ["app:2"], layers: ["two"] });
    await engine.images.tag("app:1", "other");
    await engine.images.tag(one.slice(7, 20), "localhost:5000/x/y:z");
    await engine.images.tag("app:2", "docker.io/library/app:1");
    expect((await engine.images.inspect(one)).RepoTags).toEqual(["other:latest", "localhost:5000/x/y:z"]);
    expect((await engine.images.inspect(two)).RepoTags).toEqual(["app:1", "app:2"]);
  });

  test.each<[string, string, object]>([
    ["app:1", "UPPER", { code: "invalid", message: expect.stringContaining("must be lowercase") }],
    ["app:1", "a:b:c", { code: "invalid" }],
    ["app:1", "a:-tag", { code: "invalid" }],
    ["app:1", "", { code: "invalid" }],
    ["app:1", "../x", { code: "invalid" }],
    ["app:1", "f".repeat(64), { code: "invalid" }],
    [
      "app:1",
      `x@sha256:${"a".repeat(64)}`,
      { code: "invalid", message: expect.stringContaining("refusing to create a tag with a digest reference") },
    ],
    ["missing", "x", { code: "not-found" }],
  ])("%s as %j is refused", async (source, target, expected) => {
    await shelve(engine, { references: ["app:1"] });
    await expect(engine.images.tag(source, target)).rejects.toMatchObject(expected);
    expect(await engine.images.list()).toHaveLength(1);
  });
});

describe("inspect", () => {
  test("has docker's fields", async () => {
    const parent = await shelve(engine, { layers: ["base"] });
    const config = { Cmd: ["sh"], Env: ["PATH=/bin"], Labels: { a: "b" } };
    const id = await shelve(engine, {
      references: ["app:1"],
      layers: ["base", "one"],
      parent,
      config,
      author: "me",
      history: [{ comment: "made" }],
    });
    const image = await engine.images.inspect("app:1");
    expect(image).toMatchObject({
      Id: id,
      RepoTags: ["app:1"],
      RepoDigests: [],
      Parent: parent,
      Comment: "made",
      Created: "2026-01-01T00:00:00Z",
      Author: "me",
      Config: config,
      Architecture: "amd64",
      Os: "linux",
      Size: 700,
      RootFS: { Type: "layers", Layers: [expect.stringMatching(/^sha256:/), expect.stringMatching(/^sha256:/)] },
      GraphDriver: { Name: "overlay2" },
    });
    const { LowerDir, UpperDir } = image.GraphDriver.Data;
    expect([LowerDir, UpperDir].every((path) => existsSync(path!))).toBe(true);
    expect(Math.abs(Date.parse(image.Metadata.LastTagTime) - Date.now())).toBeLessThan(60_000);
    expect((await engine.images.inspect(parent)).Metadata.LastTagTime).toBe("0001-01-01T00:00:00Z");
  });

  test("finds an image by name, digest, id, and by the start of its id", async () => {
    const digest = `sha256:${"e".repeat(64)}`;
    const id = await shelve(engine, { references: ["app:1", `app@${digest}`] });
    for (const ref of [
      "app:1",
      "docker.io/library/app:1",
      `app@${digest}`,
      `app:9@${digest}`,
      id,
      id.slice(7),
      id.slice(7, 13),
      id.slice(0, 20),
    ])
      expect((await engine.images.inspect(ref)).Id).toBe(id);
    for (const ref of ["app", "app:9", `sha256:${"0".repeat(64)}`, "zz"])
      await expect(engine.images.inspect(ref)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("history", () => {
  test("gives each layer to the step that made it, newest first", async () => {
    const history = [
      { created: "2026-01-01T00:00:00Z", created_by: "ADD base" },
      { created: "2026-01-02T00:00:00Z", created_by: "ENV A=1", empty_layer: true, comment: "buildkit" },
      { created: "2026-01-03T00:00:00Z", created_by: "RUN one" },
    ];
    const id = await shelve(engine, { references: ["app:1", "app:2"], layers: ["base", "one"], history });
    const seconds = (day: number) => Date.UTC(2026, 0, day) / 1000;
    expect(await engine.images.history("app:1")).toEqual([
      { Id: id, Created: seconds(3), CreatedBy: "RUN one", Tags: ["app:1", "app:2"], Size: 300, Comment: "" },
      { Id: "<missing>", Created: seconds(2), CreatedBy: "ENV A=1", Tags: null, Size: 0, Comment: "buildkit" },
      { Id: "<missing>", Created: seconds(1), CreatedBy: "ADD base", Tags: null, Size: 400, Comment: "" },
    ]);
  });

  test("of an image without any still shows its layers", async () => {
    await shelve(engine, { references: ["bare"], layers: ["base", "one"] });
    expect((await engine.images.history("bare")).map(({ Size }) => Size)).toEqual([300, 400]);
    await expect(engine.images.history("missing")).rejects.toMatchObject({ code: "not-found" });
  });
});
