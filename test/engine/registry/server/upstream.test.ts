/** Copies of other registries' repositories: fetched once while they are served, looked at again, and given out when the other is away. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openGate } from "../../../../engine/registry/server/auth/open-gate.ts";
import { openDirectory } from "../../../../engine/registry/server/storage/directory.ts";
import { parseUpstream, type UpstreamRule } from "../../../../engine/registry/server/upstream/address.ts";
import { Upstreams } from "../../../../engine/registry/server/upstream/upstreams.ts";
import { eventually } from "../../../support/eventually.ts";
import { programOrSkip } from "../../../support/programs.ts";
import { startDockerRegistry } from "../../../support/registry.ts";
import { ask, digestOf, pushImage, type ServerScene, startServer, types } from "./scene.ts";

/** A registry that keeps copies of what another has. */
async function startCopy(upstream: string, rule: Partial<UpstreamRule> = {}, root = mkdtempSync(join(tmpdir(), "berth-registry-copy-"))) {
  const storage = await openDirectory({ root });
  const upstreams = new Upstreams([{ url: parseUpstream(`http://${upstream}`), ttl: 0, ...rule }], storage);
  const server = await startServer({ server: { storage, upstreams } });
  const close = async () => {
    await upstreams[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  };
  return { ...server, root, storage, [Symbol.asyncDispose]: close };
}

const requests = (server: ServerScene, method: string, path: RegExp) =>
  server.access.filter((each) => each.method === method && path.test(each.path)).length;

test("what is missing is fetched once, verified, and is here from then on, also without the upstream", async () => {
  const upstream = await startServer();
  const image = await pushImage(upstream, "team/app", "1");
  await using copy = await startCopy(upstream.host);
  const pull = async () => {
    const manifest = await copy.call("GET", "/v2/team/app/manifests/1");
    const blobs = await Promise.all([image.layer, image.config].map((digest) => copy.call("GET", `/v2/team/app/blobs/${digest}`)));
    return { manifest, bodies: blobs.map(({ status, body }) => [status, digestOf(body)]) };
  };
  const whole = [
    [200, image.layer],
    [200, image.config],
  ];
  const first = await pull();
  expect([first.manifest.status, first.manifest.headers["docker-content-digest"], first.manifest.headers["warning"]]).toEqual([
    200,
    image.digest,
    undefined,
  ]);
  expect(first.bodies).toEqual(whole);
  await eventually(async () => expect((await copy.storage.blobSize("team/app", image.layer)) ?? 0).toBeGreaterThan(0));
  await pull();
  expect([requests(upstream, "GET", /manifests/), requests(upstream, "GET", /blobs/), requests(upstream, "HEAD", /manifests/)]).toEqual([
    1, 2, 1,
  ]);
  await upstream[Symbol.asyncDispose]();
  const last = await pull();
  expect([last.manifest.status, last.manifest.headers["docker-content-digest"], last.bodies]).toEqual([200, image.digest, whole]);
  expect(last.manifest.headers["warning"]).toContain("111");
  expect((await copy.call("GET", "/v2/team/app/tags/list")).json.tags).toEqual(["1"]);
  const missing = await copy.call("GET", "/v2/team/app/manifests/2");
  expect([missing.status, missing.codes]).toEqual([502, ["UNKNOWN"]]);
  expect((await copy.call("GET", `/v2/team/app/blobs/${digestOf("none")}`)).status).toBe(502);
});

test("tags are believed for a while, then follow the upstream's, and go with them", async () => {
  await using upstream = await startServer();
  const one = await pushImage(upstream, "app", "latest");
  await using copy = await startCopy(upstream.host, { ttl: 3_600_000 });
  await using fickle = await startCopy(upstream.host);
  const look = async (server: ServerScene, method = "GET") => {
    const { status, headers } = await server.call(method, "/v2/app/manifests/latest");
    return status === 200 ? headers["docker-content-digest"] : status;
  };
  expect([await look(copy, "HEAD"), await look(fickle)]).toEqual([one.digest, one.digest]);
  const two = await pushImage(upstream, "app", "latest", { annotations: { another: "one" } });
  expect([await look(copy), await look(fickle)]).toEqual([one.digest, two.digest]);
  await upstream.call("DELETE", "/v2/app/manifests/latest");
  expect([await look(copy), await look(fickle)]).toEqual([one.digest, 404]);
  expect(await fickle.storage.tags("app")).toEqual([]);
  expect((await fickle.call("GET", `/v2/app/manifests/${one.digest}`)).status).toBe(200);
});

test("many who ask for the same at once share one fetch, at their own pace", async () => {
  await using upstream = await startServer();
  const bytes = randomBytes(5 << 20);
  const digest = await upstream.pushBlob("app", bytes);
  await pushImage(upstream, "app", "1");
  await using copy = await startCopy(upstream.host);
  const blobs = await Promise.all(Array.from({ length: 12 }, () => copy.call("GET", `/v2/app/blobs/${digest}`)));
  expect(blobs.map(({ status, body, headers }) => [status, headers["content-length"], body.equals(bytes)])).toEqual(
    Array.from({ length: 12 }, () => [200, String(bytes.length), true]),
  );
  await Promise.all(Array.from({ length: 5 }, () => copy.call("GET", "/v2/app/manifests/1")));
  expect([requests(upstream, "GET", /blobs/), requests(upstream, "GET", /manifests/)]).toEqual([1, 1]);
  const part = await copy.call("GET", `/v2/app/blobs/${digest}`, undefined, { range: "bytes=10-19" });
  expect([part.status, part.body]).toEqual([206, bytes.subarray(10, 20)]);
  // Nobody holds the file of what came.
  const held = () => readdirSync("/proc/self/fd").filter((fd) => target(fd).startsWith(copy.root) && !target(fd).endsWith("/lock"));
  await eventually(() => expect(held()).toEqual([]));
});

function target(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // that of the listing itself
  }
}

test("a part of what is not here is a part of the whole, and who only looks fetches nothing", async () => {
  await using upstream = await startServer();
  const digest = await upstream.pushBlob("app", "0123456789");
  await using copy = await startCopy(upstream.host);
  const head = await copy.call("HEAD", `/v2/app/blobs/${digest}`);
  expect([head.status, head.headers["content-length"], requests(upstream, "GET", /blobs/)]).toEqual([200, "10", 0]);
  const part = await copy.call("GET", `/v2/app/blobs/${digest}`, undefined, { range: "bytes=3-5" });
  expect([part.status, part.body.toString(), part.headers["content-range"]]).toEqual([206, "345", "bytes 3-5/10"]);
  const empty = await upstream.pushBlob("app", "");
  expect((await copy.call("GET", `/v2/app/blobs/${empty}`)).status).toBe(200);
  for (const method of ["GET", "HEAD"]) expect((await copy.call(method, `/v2/app/blobs/${digestOf("none")}`)).status).toBe(404);
});

test("what is not what its digest says is nobody's: its end is not sent, nothing is kept", async () => {
  const wrong = Buffer.alloc(1 << 20, "x");
  const evil = createServer((request, response) => {
    if (request.url?.includes("/blobs/"))
      response.writeHead(200, { "content-length": wrong.length }).end(request.method === "HEAD" ? "" : wrong);
    else if (request.url?.includes("/manifests/")) response.writeHead(200, { "content-type": types.manifest }).end('{"schemaVersion":2}');
    else response.writeHead(200).end();
  }).listen(0, "127.0.0.1");
  await eventually(() => expect(evil.listening).toBe(true));
  await using copy = await startCopy(`127.0.0.1:${(evil.address() as { port: number }).port}`);
  await expect(copy.call("GET", `/v2/app/blobs/${digestOf("good")}`)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  expect(readdirSync(join(copy.root, "blobs/sha256"))).toEqual([]);
  await eventually(() => expect(readdirSync(join(copy.root, "uploads"))).toEqual([]));
  for (const reference of ["1", digestOf("good")])
    expect((await copy.call("GET", `/v2/app/manifests/${reference}`)).status).toBeGreaterThanOrEqual(400);
  expect(await copy.storage.repositories()).toEqual([]);
  evil.closeAllConnections();
  evil.close();
});

test("what is on its way when the registry closes is left, and its upstream is told", async () => {
  const [asked, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = createServer((request, response) => {
    response.writeHead(200, { "content-length": 1 << 20 });
    if (request.method === "HEAD") return void response.end();
    response.write(Buffer.alloc(1 << 10));
    response.once("close", told.resolve);
    asked.resolve();
  }).listen(0, "127.0.0.1");
  await eventually(() => expect(slow.listening).toBe(true));
  const copy = await startCopy(`127.0.0.1:${(slow.address() as { port: number }).port}`);
  const asking = copy.call("GET", `/v2/app/blobs/${digestOf("any")}`).catch((error: unknown) => error);
  await asked.promise;
  await copy[Symbol.asyncDispose]();
  await told.promise;
  expect(await asking).toBeInstanceOf(Error);
  expect(existsSync(copy.root)).toBe(false);
  slow.close();
});

test("a prefix is not the upstream's, pushes go elsewhere, and passwords are shown", async () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-registry-upstream-"));
  const { hash } = await import("bcryptjs");
  writeFileSync(join(directory, "users"), `ann:${await hash("secret", 4)}\n`);
  const gate = openGate({ htpasswd: join(directory, "users"), anonymousPull: false, scheme: "http" });
  const root = join(directory, "data");
  {
    await using open = await startServer({ root });
    await pushImage(open, "app", "1");
  }
  await using upstream = await startServer({ root, server: { gate } });
  const credentials = { username: "ann", password: "secret" };
  await using copy = await startCopy(upstream.host, { prefix: "far", credentials });
  await using stranger = await startCopy(upstream.host, { prefix: "far", credentials: { ...credentials, password: "wrong" } });
  expect((await copy.call("GET", "/v2/far/app/manifests/1")).status).toBe(200);
  expect((await stranger.call("GET", "/v2/far/app/manifests/1")).status).toBe(404);
  expect((await copy.call("GET", "/v2/app/manifests/1")).status).toBe(404);
  const refused = await copy.call("POST", "/v2/far/app/blobs/uploads/");
  expect([refused.status, refused.json.errors[0].message]).toEqual([
    405,
    `"far/app" is a copy of what is at http://${upstream.host}: push it there`,
  ]);
  expect((await pushImage(copy, "own", "1")).reply.status).toBe(201);
  rmSync(directory, { recursive: true });
});

test("referrers are the upstream's", async () => {
  await using upstream = await startServer();
  const image = await pushImage(upstream, "app", "1");
  const subject = { mediaType: types.manifest, digest: image.digest, size: image.size };
  const signature = await pushImage(upstream, "app", "sig", { subject, artifactType: "application/x.signature" });
  await using copy = await startCopy(upstream.host);
  const { json } = await copy.call("GET", `/v2/app/referrers/${image.digest}?artifactType=application/x.signature`);
  expect(json.manifests.map(({ digest }: { digest: string }) => digest)).toEqual([signature.digest]);
});

test("of the distribution project's registry, too", async (context) => {
  await using upstream = await startDockerRegistry({ program: programOrSkip(context, "docker-registry") });
  const origin = `http://${upstream.host}`;
  const push = async (bytes: string | Buffer) => {
    const begun = await ask(origin, { method: "POST", path: "/v2/app/blobs/uploads/", headers: {} });
    const place = new URL(begun.headers.location!, origin);
    place.searchParams.set("digest", digestOf(bytes));
    await ask(origin, {
      method: "PUT",
      path: place.pathname + place.search,
      body: bytes,
      headers: { "content-type": "application/octet-stream" },
    });
  };
  const [config, layer] = ["{}", randomBytes(300_000)];
  for (const bytes of [config, layer]) await push(bytes);
  const part = (bytes: string | Buffer, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes) });
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: part(config, types.config),
    layers: [part(layer, types.layer)],
  });
  const put = await ask(origin, { method: "PUT", path: "/v2/app/manifests/1", body: text, headers: { "content-type": types.manifest } });
  expect(put.status).toBe(201);
  await using copy = await startCopy(upstream.host);
  expect((await copy.call("GET", "/v2/app/manifests/1")).body.toString()).toBe(text);
  expect((await copy.call("GET", `/v2/app/blobs/${digestOf(layer)}`)).body.equals(layer)).toBe(true);
  expect((await copy.call("GET", "/v2/app/tags/list")).json.tags).toEqual(["1"]);
});
