/** Push, and what a second engine pulls of it: against the distribution project's registry, against the tests' own, and against the one that berth serves. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { House } from "../../../engine/house.ts";
import { commitImage } from "../../../engine/image/store/commit-image.ts";
import { resolveImage } from "../../../engine/image/store/resolve.ts";
import { findProgram } from "../../../engine/process/spawn.ts";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { startOwnRegistry } from "../../support/own-registry.ts";
import { startDockerRegistry, type TestRegistry } from "../../support/registry.ts";
import { leftovers } from "../image/scene.ts";
import { shelve } from "../image/shelf.ts";
import { startServer } from "./server/scene.ts";

const kinds: Record<string, { start: () => Promise<TestRegistry>; program?: string }> = {
  "docker-registry": { start: startDockerRegistry, program: "docker-registry" },
  "our own registry": { start: startOwnRegistry },
  "berth registry serve": { start: startServer },
};

describe.each(Object.keys(kinds))("%s", (kind) => {
  const { start, program } = kinds[kind]!;
  const isThere = program === undefined || findProgram(program) !== undefined;
  let registry: TestRegistry;
  let from: TestEngine;
  let to: TestEngine;
  let house: House;
  beforeAll(async () => {
    if (isThere) registry = await start();
  });
  beforeEach((context) => {
    if (!isThere) context.skip(`needs the program ${program}`);
    from = openTestEngine();
    to = openTestEngine();
    house = from.engine;
  });
  afterEach(async () => {
    await from?.[Symbol.asyncDispose]();
    await to?.[Symbol.asyncDispose]();
  });
  afterAll(() => registry?.[Symbol.asyncDispose]());

  /** Pushes; returns the digest and the last status of each layer, lowest first. */
  async function push(ref: string, options = {}): Promise<{ digest: string; states: string[] }> {
    const states = new Map<string, string>();
    const pushing = house.images.push(ref, options);
    for (;;) {
      const { done, value } = await pushing.next();
      if (done) return { digest: value.Digest, states: [...states.values()] };
      if (value.type === "transfer") states.set(value.id, value.status);
    }
  }

  const pull = (ref: string, options = {}) => finish(to.engine.images.pull(ref, options));

  test("what is not here is named: the repository, or the tag", async () => {
    await shelve(house, { references: [`${registry.host}/named:1`], layers: ["base"] });
    await expect(push(`${registry.host}/named:2`)).rejects.toThrow(`tag does not exist: ${registry.host}/named:2`);
    await expect(push(`${registry.host}/nothing`)).rejects.toThrow(
      `An image does not exist locally with the tag: ${registry.host}/nothing`,
    );
    for (const reserved of [push("scratch"), pull("scratch")]) await expect(reserved).rejects.toThrow("'scratch' is a reserved name");
  });

  test("an image arrives as it was, and a second push sends nothing", async () => {
    const name = `${registry.host}/first/app:1`;
    const id = await shelve(house, { references: [name], layers: ["base", "one", "two"], config: { Cmd: ["sh"] } });
    const first = await push(name);
    expect(first.states).toEqual(["Pushed", "Pushed", "Pushed"]);
    expect((await house.images.inspect(name)).RepoDigests).toEqual([`${registry.host}/first/app@${first.digest}`]);
    expect(await pull(name)).toMatchObject({ Id: id, Digest: first.digest });
    const uploads = () =>
      registry
        .log()
        .split("\n")
        .filter((line) => /PATCH/.test(line)).length;
    const before = uploads();
    const second = await push(name);
    expect(second).toEqual({ digest: first.digest, states: ["Layer already exists", "Layer already exists", "Layer already exists"] });
    expect(uploads()).toBe(before);
  });

  test("what was pulled goes back without being sent, and into another repository by a mount", async () => {
    const name = `${registry.host}/second/app:1`;
    await shelve(house, { references: [name], layers: ["mounted"] });
    const { digest } = await push(name);
    await pull(name);
    await to.engine.images.tag(name, `${registry.host}/third/app:1`);
    house = to.engine;
    expect((await push(name)).states).toEqual(["Layer already exists"]);
    const mounted = await push(`${registry.host}/third/app:1`);
    expect(mounted.states).toEqual([`Mounted from ${registry.host}/second/app`]);
    expect(mounted.digest).toBe(digest);
  });

  test("all tags, there and back", async () => {
    const repository = `${registry.host}/many/app`;
    const one = await shelve(house, { references: [`${repository}:1`, `${repository}:one`], layers: ["base", "one"] });
    const two = await shelve(house, { references: [`${repository}:2`], layers: ["base", "two"] });
    await push(repository, { allTags: true });
    await pull(repository, { allTags: true });
    const found = Object.fromEntries((await to.engine.images.list()).map(({ Id, RepoTags }) => [Id, RepoTags]));
    expect(found).toEqual({ [one]: [`${repository}:1`, `${repository}:one`], [two]: [`${repository}:2`] });
    expect(leftovers(to.engine)).toHaveLength(6);
  });

  test("annotations make it an OCI manifest, and survive", async () => {
    const name = `${registry.host}/annotated:1`;
    const id = await shelve(house, { layers: ["base"] });
    const { config } = house.db.get<{ config: string }>("SELECT config FROM images WHERE id = ?", id)!;
    await house.images.remove(id, { force: true });
    await shelve(house, { references: ["keep"], layers: ["base"], author: "other" });
    await commitImage(house, JSON.parse(config), { references: [name], annotations: { "com.example.key": "value" } });
    const { digest } = await push(name);
    expect((await pull(name)).Digest).toBe(digest);
  });

  test("a layer that is damaged in the store stops the push, and the tag does not appear", async () => {
    const name = `${registry.host}/damaged/app:1`;
    const id = await shelve(house, { references: [name], layers: ["base", "hurt", "top"] });
    const [, hurt] = resolveImage(house, id)!.lowerdirs;
    writeFileSync(join(hurt!, "files/hurt"), "short");
    await expect(push(name)).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining("damaged") });
    await expect(pull(name)).rejects.toMatchObject({ code: "not-found" });
    expect(house.db.all("SELECT * FROM leases")).toEqual([]);
  });

  test("cancelled in the middle", async () => {
    const name = `${registry.host}/cancelled/app:1`;
    await shelve(house, { references: [name], layers: ["a", "b", "c", "d", "e"] });
    const abort = new AbortController();
    const cancelled = (async () => {
      for await (const event of house.images.push(name, { signal: abort.signal })) if (event.type === "transfer") abort.abort();
    })();
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    await expect(pull(name)).rejects.toMatchObject({ code: "not-found" });
  });

  test("what cannot be pushed", async () => {
    await expect(push(`${registry.host}/none:1`)).rejects.toMatchObject({ code: "not-found" });
    await expect(push(`${registry.host}/none`, { allTags: true })).rejects.toMatchObject({ code: "not-found" });
    await expect(push(`a@sha256:${"a".repeat(64)}`)).rejects.toMatchObject({ code: "invalid" });
    await expect(push(`${registry.host}/x:1`, { allTags: true })).rejects.toMatchObject({ code: "invalid" });
    await shelve(house, { references: ["127.0.0.1:1/app:1"] });
    await expect(push("127.0.0.1:1/app:1")).rejects.toMatchObject({ code: "registry", message: expect.stringContaining("ECONNREFUSED") });
  });
});
