/** Removing from registries: a tag alone, or with all that share its manifest, and never those unasked. */
import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeEach, expect, test } from "vitest";
import { removeRemote } from "../../../../engine/registry/repositories/index.ts";
import { pushImage, startServer } from "../server/scene.ts";

const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;
/** Which tags there are, and how it answers to deletions: a registry of another make. */
let tags: Record<string, string>;
let deletion: { tag: number; digest: number };
let deleted: string[];

const http = createServer((request, response) => {
  const path = request.url ?? "";
  const name = path.split("/").at(-1) ?? "";
  if (request.method === "DELETE") {
    deleted.push(name);
    const status = name.includes(":") ? deletion.digest : deletion.tag;
    const errors = [{ code: "UNSUPPORTED", message: "the operation is unsupported" }];
    return response.writeHead(status).end(status < 300 ? undefined : JSON.stringify({ errors }));
  }
  if (path.includes("/tags/list")) return response.end(JSON.stringify({ tags: Object.keys(tags) }));
  if (path === "/v2/") return response.end();
  return response.writeHead(tags[name] ? 200 : 404, tags[name] ? { "docker-content-digest": tags[name] } : {}).end();
}).listen(0, "127.0.0.1");
await once(http, "listening");
const repository = `127.0.0.1:${(http.address() as { port: number }).port}/app`;

beforeEach(() => {
  [tags, deletion, deleted] = [{ "1": digest, "1.0": digest, "2": other }, { tag: 405, digest: 202 }, []];
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
});

test("berth's registry takes one tag away and leaves the others", async () => {
  await using server = await startServer();
  await pushImage(server, "app", "1");
  const { digest: shared } = await pushImage(server, "app", "1");
  await server.call("PUT", `/v2/app/manifests/1.0`, (await server.call("GET", "/v2/app/manifests/1")).body, {
    "content-type": "application/vnd.oci.image.manifest.v1+json",
  });
  const name = `${server.host}/app`;
  expect(await removeRemote(`${name}:1`)).toEqual([{ Untagged: `${name}:1` }]);
  await expect(removeRemote(`${name}:1`)).rejects.toMatchObject({ code: "not-found" });
  await expect(removeRemote(`${name}@${shared}`)).rejects.toMatchObject({ code: "in-use", details: { tags: ["1.0"] } });
  expect(await removeRemote(`${name}@${shared}`, { force: true })).toEqual([{ Untagged: `${name}:1.0` }, { Deleted: `${name}@${shared}` }]);
  expect((await server.call("GET", `/v2/app/manifests/${shared}`)).status).toBe(404);
});

test.each([405, 400, 501])("where no tag goes alone (%d), one that has its manifest for itself goes with it", async (status) => {
  deletion.tag = status;
  expect(await removeRemote(`${repository}:2`)).toEqual([{ Untagged: `${repository}:2` }, { Deleted: `${repository}@${other}` }]);
  expect(deleted).toEqual(["2", other]);
});

test("one that shares it stays, until told which would go with it", async () => {
  await expect(removeRemote(`${repository}:1`)).rejects.toMatchObject({
    code: "in-use",
    message: `cannot remove "${repository}:1": this registry removes no tag alone, and with the manifest ${digest} would go "1.0"`,
  });
  expect(deleted).toEqual(["1"]);
  const removed = await removeRemote(`${repository}:1`, { force: true });
  expect(removed).toEqual([{ Untagged: `${repository}:1` }, { Untagged: `${repository}:1.0` }, { Deleted: `${repository}@${digest}` }]);
});

test("a registry that deletes nothing is named as that", async () => {
  deletion.digest = 405;
  await expect(removeRemote(`${repository}:2`)).rejects.toMatchObject({
    code: "unsupported",
    exit: 1,
    message: `cannot remove "${repository}:2": the registry refuses it: the operation is unsupported`,
    hint: expect.stringContaining("REGISTRY_STORAGE_DELETE_ENABLED"),
  });
});

test("what may not be removed is not a thing that cannot", async () => {
  deletion.tag = 403;
  await expect(removeRemote(`${repository}:2`)).rejects.toMatchObject({ code: "registry-auth" });
  expect(deleted).toEqual(["2"]);
});
