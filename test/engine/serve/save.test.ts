/** Archives of images, as clients ask for them and send them. Over the local engine. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, serveOver } from "../../support/api-client.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { entriesOf } from "../image/scene.ts";

let made: TestEngine;
let api: ApiClient;
beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
  api = await serveOver(made.engine);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

const idOf = async (name: string): Promise<string> => (await api.get(`/images/${name}/json`)).json.Id;

test("an archive of several images, and of one by its id, gives each the names that it has", async () => {
  await api.post("/containers/create?name=base", { Image: "busybox", Cmd: ["true"], HostConfig: { NetworkMode: "none" } });
  expect((await api.post("/commit?container=base&repo=other&tag=1", {})).status).toBe(201);
  await api.post("/images/other:1/tag?repo=third&tag=2");
  const before = [await idOf("busybox"), await idOf("other:1")];
  const { body } = await api.get("/images/get?names=busybox&names=other:1&names=third:2");
  const namesIn = async (archive: Buffer) => {
    const images = JSON.parse((await entriesOf(archive)).get("manifest.json")!.toString()) as { RepoTags: string[] | null }[];
    return images.map(({ RepoTags }) => RepoTags);
  };
  expect(await namesIn(body)).toEqual([["busybox:latest"], ["other:1", "third:2"]]);
  const loaded = await api.call("POST", "/images/load?quiet=1", body);
  expect(loaded.text.trim().split("\n")).toHaveLength(3);
  expect([await idOf("busybox"), await idOf("other:1"), await idOf("third:2")]).toEqual([...before, before[1]]);
  expect(await namesIn((await api.get(`/images/${before[0]}/get`)).body)).toEqual([null]);
  await api.call("DELETE", "/containers/base");
});

test("a request whose client half closes its connection is called off, and the connection ends", async () => {
  const { length } = "no archive";
  for (const path of ["/images/load", "/images/create?fromSrc=-", "/build"]) {
    const connection = api.raw(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\nContent-Length: ${length}\r\n\r\nno archive`,
    );
    connection.socket.end();
    await connection.closed;
  }
});
