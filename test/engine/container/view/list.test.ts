/** `ps`: which containers its filters choose, and the names it gives to images. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "../../../../engine/house.ts";
import { commitImage } from "../../../../engine/image/store/commit-image.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import type { ContainerCreate, Containers } from "../../../../engine/index.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";

let made: TestEngine;
let engine: House;
let containers: Containers;
const ids: Record<string, string> = {};

const create = async (Name: string, spec: Partial<ContainerCreate> = {}) => {
  const { Id } = await finish(containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], Name, ...spec }));
  ids[Name] = Id;
};
const names = async (filters: Record<string, string[]>, all = false) =>
  (await containers.list({ all, filters })).map(({ Names }) => Names[0]!.slice(1));

beforeAll(async () => {
  made = openTestEngine();
  engine = made.engine;
  containers = engine.containers;
  await importBusybox(engine);
  await create("first");
  await create("second");
  await create("third");
  await containers.start("second");
});
afterAll(() => made[Symbol.asyncDispose]());

test("since and before look at what runs, unless -a or -n asks for all", async () => {
  expect(await names({ since: ["first"] })).toEqual(["second"]);
  expect(await names({ since: ["first"] }, true)).toEqual(["third", "second"]);
  expect(await names({ before: ["third"] })).toEqual(["second"]);
  expect(await names({ before: ["third"] }, true)).toEqual(["second", "first"]);
  expect(await names({ exited: ["0"] })).toEqual([]);
  expect(await names({ status: ["created"] })).toEqual(["third", "first"]);
});

test("a network by its name, its id or the beginning of it, for what runs and what does not", async () => {
  const { Id } = await engine.networks.inspect("bridge");
  for (const network of ["bridge", Id, Id.slice(0, 3)])
    expect(await names({ network: [network] }, true)).toEqual(["third", "second", "first"]);
  expect(await names({ network: ["none"] }, true)).toEqual([]);
});

test("ancestor: images committed from it and built on it, with layers or without", async () => {
  await engine.containers.commit("first", { reference: "committed" });
  const { config, id } = resolveImage(engine, "busybox")!;
  const history = [...(config.history ?? []), { created_by: "ENV A=1", empty_layer: true }];
  await commitImage(engine, { ...config, config: { ...config.config, Env: ["A=1"] }, history }, { references: ["enved"] });
  await create("child", { Image: "committed" });
  await create("grandchild", { Image: "enved" });
  expect(await names({ ancestor: ["busybox"] }, true)).toEqual(["grandchild", "child", "third", "second", "first"]);
  expect(await names({ ancestor: [id.slice(7, 19)] })).toEqual(["second"]);
  expect(await names({ ancestor: ["committed"] }, true)).toEqual(["child"]);
  expect(await names({ ancestor: ["enved"] }, true)).toEqual(["grandchild"]);
  expect(await names({ ancestor: ["nosuch"] }, true)).toEqual([]);
});

test("an image whose name is another's by now shows by its id", async () => {
  await engine.images.tag("busybox", "moving");
  await create("mover", { Image: "moving" });
  const image = async () => (await containers.list({ all: true, filters: { name: ["mover"] } }))[0]!.Image;
  expect(await image()).toBe("moving");
  const { id } = resolveImage(engine, "moving")!;
  await engine.images.tag("committed", "moving");
  expect(await image()).toBe(id);
  expect(await names({ ancestor: ["moving"] }, true)).toEqual(["child"]);
  await engine.images.remove("moving");
  expect(await image()).toBe(id);
});

test("what is asked again and again is told as it is by now, whoever changed it", async () => {
  const row = async () => (await containers.list({ all: true })).find(({ Id }) => Id === ids["third"])!;
  expect(await row()).toBe(await row());
  await using other = openHouse({ root: made.root });
  await other.containers.rename("third", "fourth");
  expect((await row()).Names).toEqual(["/fourth"]);
  await engine.images.tag("busybox", "other");
  await engine.images.remove("busybox");
  expect((await row()).Image).toBe((await row()).ImageID);
  await engine.images.tag("other", "busybox");
  expect((await row()).Image).toBe("busybox");
  await other.containers.rename("fourth", "third");
  expect((await row()).Names).toEqual(["/third"]);
});

test("sizes are told to who asks for them only", async () => {
  const [sized] = await containers.list({ size: true });
  expect(sized).toHaveProperty("SizeRw");
  expect((await containers.list())[0]).not.toHaveProperty("SizeRw");
});
