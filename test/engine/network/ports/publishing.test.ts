/** Published ports of a container that changes its networks while it runs. */
import { closeSync } from "node:fs";
import { createServer } from "node:net";
import { beforeAll, expect, test } from "vitest";
import { readAttachments } from "../../../../engine/network/records/attachments.ts";
import { leaveHostNetwork, openScene, type Scene } from "../scene.ts";

beforeAll(leaveHostNetwork);

const published = (HostPort: string) => ({ "80/tcp": [{ HostIp: "0.0.0.0", HostPort }] });
/** A container that connect and disconnect find, with what it asks for. */
const insert = (scene: Scene, id: string, NetworkMode: string, HostPort: string) =>
  scene.insertContainer(id, id, { NetworkMode, PortBindings: published(HostPort) });
const shown = (scene: Scene, id: string) => (readAttachments(scene.house, id).ports.get(id) ?? []).map(({ host_port }) => host_port);

/** Whether another program could take a port of the host. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
  });
}

test("they are gone with the only network, stay held, and come back with any", async () => {
  await using scene = openScene();
  await scene.network({ Name: "next" });
  insert(scene, "web", "bridge", "18701");
  const web = await scene.attach("web", { ports: published("18701") });
  await scene.serve(web.netns, 80, "web");
  await scene.disconnect("bridge", "web");
  expect(scene.ask(undefined, "127.0.0.1", 18701)).toBe("");
  expect(shown(scene, "web")).toEqual([]);
  expect(await isFree(18701)).toBe(false);
  await expect(scene.attach("other", { ports: published("18701") })).rejects.toThrow("port is already allocated");
  await scene.connect("next", "web");
  expect(scene.ask(undefined, "127.0.0.1", 18701)).toMatch(/^web /);
  expect(shown(scene, "web")).toEqual([18701]);
  for (const fd of web.reserved) closeSync(fd);
});

test("a normal network joins and leaves beside an internal one", async () => {
  await using scene = openScene();
  await scene.network({ Name: "inner", Internal: true });
  await scene.network({ Name: "outer" });
  insert(scene, "db", "inner", "18702");
  const db = await scene.attach("db", { mode: "inner", ports: published("18702") });
  await scene.serve(db.netns, 80, "db");
  expect([db.ports, db.reserved, await isFree(18702)]).toEqual([{}, [], true]);
  for (let turn = 0; turn < 2; turn++) {
    await scene.connect("outer", "db");
    expect(scene.ask(undefined, "127.0.0.1", 18702)).toMatch(/^db /);
    expect([shown(scene, "db"), await isFree(18702)]).toEqual([[18702], false]);
    await scene.disconnect("outer", "db");
    expect(scene.ask(undefined, "127.0.0.1", 18702)).toBe("");
    expect([shown(scene, "db"), await isFree(18702)]).toEqual([[], false]);
  }
  await scene.detach("db");
  expect(await isFree(18702)).toBe(true);
});

test("a network that joins and takes the way out takes the ports too", async () => {
  await using scene = openScene();
  for (const Name of ["zeta", "alpha"]) await scene.network({ Name });
  insert(scene, "web", "zeta", "18703");
  const web = await scene.attach("web", { mode: "zeta", ports: published("18703") });
  await scene.serve(web.netns, 80, "web");
  await scene.connect("alpha", "web");
  expect(scene.house.db.all("SELECT name FROM ports JOIN networks ON networks.id = ports.network")).toEqual([{ name: "alpha" }]);
  expect(scene.ask(undefined, "127.0.0.1", 18703)).toMatch(/^web /);
  await scene.disconnect("alpha", "web");
  expect(scene.ask(undefined, "127.0.0.1", 18703)).toMatch(/^web /);
  for (const fd of web.reserved) closeSync(fd);
});

test("a network that would publish a port which is taken is not joined", async () => {
  await using scene = openScene();
  await scene.network({ Name: "inner", Internal: true });
  await scene.network({ Name: "outer" });
  const first = await scene.attach("first", { ports: published("18704") });
  insert(scene, "second", "inner", "18704");
  const second = await scene.attach("second", { mode: "inner", ports: published("18704") });
  await expect(scene.connect("outer", "second")).rejects.toThrow("Bind for 0.0.0.0:18704 failed: port is already allocated");
  expect((await scene.house.networks.inspect("outer")).Containers).toEqual({});
  expect(
    scene
      .inside(second.netns as string, "ip", "-br", "link")
      .output.trim()
      .split("\n"),
  ).toHaveLength(2);
  await scene.detach("first");
  for (const fd of first.reserved) closeSync(fd);
  await scene.connect("outer", "second");
});
