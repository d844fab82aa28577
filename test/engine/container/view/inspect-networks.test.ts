/** Which networks `inspect` shows of a container that runs. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";

let made: TestEngine;
beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
});
afterAll(() => made[Symbol.asyncDispose]());

async function started(NetworkMode: string): Promise<string> {
  const spec = { Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode } };
  const { Id } = await finish(made.engine.containers.create(spec));
  await made.engine.containers.start(Id);
  return Id;
}
const shown = async (id: string) => Object.keys((await made.engine.containers.inspect(id)).NetworkSettings.Networks);

test("none after the last one was taken off, until the next is joined", async () => {
  const { containers, networks } = made.engine;
  await networks.create({ Name: "inspected" });
  const id = await started("inspected");
  expect(await shown(id)).toEqual(["inspected"]);
  await containers.disconnect(id, "inspected");
  expect(await shown(id)).toEqual([]);
  await containers.connect(id, "inspected");
  expect(await shown(id)).toEqual(["inspected"]);
  await containers.remove(id, { force: true });
  await networks.remove("inspected");
});

test('"none" of one that asked for none', async () => {
  const id = await started("none");
  expect(await shown(id)).toEqual(["none"]);
  await made.engine.containers.remove(id, { force: true });
});
