/** Connecting to networks while something else happens to the container: whoever says that it is connected is right. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { House } from "../../../../engine/house.ts";
import { lock, tryLock } from "../../../../engine/state/locks.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { leaveHostNetwork } from "../../network/scene.ts";

let made: TestEngine;
let engine: House;
beforeAll(async () => {
  leaveHostNetwork();
  made = openTestEngine();
  engine = made.engine;
  await importBusybox(engine);
  for (const Name of ["front", "back"]) await engine.networks.create({ Name });
});
afterAll(() => made[Symbol.asyncDispose]());

const create = async (Name: string) =>
  (await finish(engine.containers.create({ Name, Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "front" } }))).Id;
const networksOf = async (ref: string) => Object.keys((await engine.containers.inspect(ref)).NetworkSettings.Networks).sort();

/** Runs two verbs of one container so that the first waits for the networks while the second begins. */
async function together(id: string, first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
  using held = await lock(engine, "network");
  const begun = first();
  await eventually(() => {
    const free = tryLock(engine, `container-${id.slice(0, 3)}`);
    free?.[Symbol.dispose]();
    if (free) throw new Error("the first has not begun");
  });
  const rest = second();
  held[Symbol.dispose]();
  await Promise.all([begun, rest]);
}

test("connect and start at once: it is connected, whoever is first", async () => {
  const id = await create("starter");
  await together(
    id,
    () => engine.containers.connect("starter", "back"),
    () => engine.containers.start("starter"),
  );
  expect(await networksOf("starter")).toEqual(["back", "front"]);
  await engine.containers.stop("starter", { timeout: 0 });
  await engine.containers.disconnect("starter", "back");
  await together(
    id,
    () => engine.containers.start("starter"),
    () => engine.containers.connect("starter", "back"),
  );
  expect(await networksOf("starter")).toEqual(["back", "front"]);
  await engine.containers.restart("starter", { timeout: 0 });
  expect(await networksOf("starter")).toEqual(["back", "front"]);
});

test("rename and start at once: its networks know the new name", async () => {
  const id = await create("before");
  await together(
    id,
    () => engine.containers.start("before"),
    () => engine.containers.rename("before", "after"),
  );
  const { Networks } = (await engine.containers.inspect("after")).NetworkSettings;
  expect(Networks["front"]?.DNSNames).toEqual(["after", id.slice(0, 12)]);
});

test("by force from a network that is gone; from one that is not, and from no container", async () => {
  await engine.networks.create({ Name: "brief" });
  await create("stayer");
  await engine.containers.connect("stayer", "brief");
  await engine.networks.remove("brief");
  const running = await create("runner");
  await engine.containers.start("runner");
  await expect(engine.containers.disconnect("runner", "brief")).rejects.toMatchObject({ code: "not-found" });
  await expect(engine.containers.disconnect("runner", "brief", { force: true })).rejects.toThrow(
    `container ${running} is not connected to the network brief`,
  );
  await engine.containers.disconnect("stayer", "brief", { force: true });
  expect(await networksOf("stayer")).toEqual(["front"]);
  await expect(engine.containers.disconnect("nobody", "front", { force: true })).rejects.toMatchObject({ code: "not-found" });
});

test("a network whose name is the beginning of another's id", async () => {
  const { Id } = await engine.networks.create({ Name: "long" });
  const Name = Id.slice(0, 6);
  await engine.networks.create({ Name });
  await finish(engine.containers.create({ Name: "idlike", Image: "busybox", Cmd: ["sleep", "9"], HostConfig: { NetworkMode: Name } }));
  await engine.containers.connect("idlike", "long");
  await engine.containers.disconnect("idlike", "long");
  expect((await engine.containers.inspect("idlike")).HostConfig.NetworkMode).toBe(Name);
  await engine.containers.start("idlike");
  expect(await networksOf("idlike")).toEqual([Name]);
});
