/** Uploads that end in the middle of a layer: the push says why, names nothing in the registry, and leaves nothing at work here. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { startOwnRegistry } from "../../support/own-registry.ts";
import { tarOf } from "../image/scene.ts";

type Tear = (request: IncomingMessage, response: ServerResponse) => void;

let scene: TestEngine;
let tear: Tear;
let requests: string[];
const server = createServer((request, response) => {
  requests.push(`${request.method} ${request.url}`);
  if (request.method === "PATCH") request.once("data", () => tear(request, response));
  else if (request.method === "POST") response.writeHead(202, { location: `${request.url}one` }).end();
  else response.writeHead(request.url === "/v2/" ? 200 : 404).end();
});
const name = () => `127.0.0.1:${(server.address() as { port: number }).port}/x:1`;

beforeAll(async () => {
  scene = openTestEngine();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // More than a socket takes in before anybody reads.
  const tar = tarOf({ name: "noise", content: randomBytes(24 << 20) });
  await finish(scene.engine.images.import(Readable.from([tar]), { reference: name() }));
});
beforeEach(() => {
  requests = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await scene[Symbol.asyncDispose]();
});

const workers = () => process.getActiveResourcesInfo().filter((each) => each === "MessagePort").length;

test.each<[string, Tear, object]>([
  ["the connection breaks", (request) => request.destroy(), { code: "registry", message: expect.stringContaining("the connection broke") }],
  [
    "the registry has enough",
    (_, response) => response.writeHead(413, { connection: "close" }).end('{"errors":[{"code":"SIZE_INVALID","message":"too large"}]}'),
    { code: "registry", message: expect.stringMatching(/413: too large$/) },
  ],
  [
    "the registry does not let us",
    (_, response) => response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"read only"}]}'),
    { code: "registry-auth" },
  ],
])("%s", async (_, how, error) => {
  tear = how;
  const before = workers();
  await expect(finish(scene.engine.images.push(name()))).rejects.toMatchObject(error);
  expect(requests.filter((line) => /PATCH|PUT/.test(line))).toHaveLength(1);
  expect(scene.engine.db.all("SELECT * FROM leases")).toEqual([]);
  expect(workers()).toBe(before);
});

test("Ctrl-C", async () => {
  const abort = new AbortController();
  tear = () => abort.abort();
  await expect(finish(scene.engine.images.push(name(), { signal: abort.signal }))).rejects.toMatchObject({ code: "cancelled" });
  expect(requests.filter((line) => /PUT/.test(line))).toEqual([]);
  expect(scene.engine.db.all("SELECT * FROM leases")).toEqual([]);
});

test("the same image goes whole to another registry afterwards", async () => {
  await using registry = await startOwnRegistry();
  const other = `${registry.host}/x:1`;
  await scene.engine.images.tag(name(), other);
  const { Digest } = await finish(scene.engine.images.push(other));
  await using second = openTestEngine();
  expect(await finish(second.engine.images.pull(other))).toMatchObject({ Digest });
});
