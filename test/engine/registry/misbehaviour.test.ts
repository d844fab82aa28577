/** Registries that answer in every way but the plain one: each is understood as docker does, or refused by its name. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encodeConfig } from "../../../engine/image/documents/config.ts";
import { mediaTypes } from "../../../engine/image/documents/media-types.ts";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { sha256, tarOf } from "../image/scene.ts";

/** True when it has answered. */
type Interference = (request: IncomingMessage, response: ServerResponse) => boolean;

const layer = tarOf({ name: "file", content: "x".repeat(5000) });
const config = Buffer.from(encodeConfig({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [sha256(layer)] } }));
const blobs = new Map([layer, config].map((bytes) => [sha256(bytes), bytes]));
const describeBlob = (mediaType: string, bytes: Buffer, more = {}) => ({ mediaType, digest: sha256(bytes), size: bytes.length, ...more });
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const manifest = json({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: describeBlob(mediaTypes.ociConfig, config),
  layers: [describeBlob(mediaTypes.ociLayer, layer)],
});
const indexOf = (...manifests: unknown[]) => json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });

let scene: TestEngine;
let interfere: Interference = () => false;
let requests: string[] = [];
let manifests = new Map<string, Buffer>();
const configs = mkdtempSync(join(tmpdir(), "berth-docker-config-"));
const server = createServer((request, response) => {
  requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? "-"} ${request.headers.range ?? "-"}`);
  if (interfere(request, response)) return;
  const [, kind = "", name = ""] = /^\/v2\/x\/(manifests|blobs)\/(.+)$/.exec(request.url ?? "") ?? [];
  const found = kind === "blobs" ? blobs.get(name) : manifests.get(name);
  response.writeHead(found ? 200 : 404).end(found);
});
const host = () => `127.0.0.1:${(server.address() as { port: number }).port}`;

/** The tag "1" is the last document; all are there by digest. */
function serve(...documents: Buffer[]): void {
  manifests = new Map(documents.map((each) => [sha256(each), each]));
  manifests.set("1", documents.at(-1)!);
}

const pull = () => finish(scene.engine.images.pull(`${host()}/x:1`));
const login = (entry: object) => writeFileSync(join(configs, "config.json"), JSON.stringify({ auths: { [host()]: entry } }));

beforeAll(async () => {
  process.env["DOCKER_CONFIG"] = configs;
  scene = openTestEngine();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
beforeEach(() => {
  interfere = () => false;
  requests = [];
  serve(manifest);
});
afterEach(async () => {
  for (const image of await scene.engine.images.list()) await scene.engine.images.remove(image.Id, { force: true });
  rmSync(join(configs, "config.json"), { force: true });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  rmSync(configs, { recursive: true });
  await scene[Symbol.asyncDispose]();
});

describe("indexes", () => {
  const amd64 = { platform: { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch } };
  const entry = describeBlob(mediaTypes.ociManifest, manifest);
  const attestation = { ...entry, digest: `sha256:${"0".repeat(64)}`, platform: { os: "unknown", architecture: "unknown" } };

  test.each([
    [
      "in an index",
      () => [manifest, indexOf({ ...entry, ...amd64 }), indexOf(describeBlob(mediaTypes.ociIndex, indexOf({ ...entry, ...amd64 })))],
    ],
    ["whose entry says no platform", () => [manifest, indexOf(attestation, entry)]],
    ["whose entry says an empty platform", () => [manifest, indexOf(attestation, { ...entry, platform: {} })]],
  ])("one %s", async (_, documents) => {
    serve(...documents());
    expect((await pull()).Id).toBe(sha256(config));
  });

  test("nested without end, or with a digest that cannot be verified", async () => {
    const nested = [manifest, indexOf({ ...entry, ...amd64 })];
    for (let depth = 0; depth < 6; depth++) nested.push(indexOf(describeBlob(mediaTypes.ociIndex, nested.at(-1)!)));
    serve(...nested);
    await expect(pull()).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining("nested too deeply") });
    serve(indexOf({ ...entry, digest: `sha512:${"0".repeat(128)}`, ...amd64 }));
    await expect(pull()).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("cannot be verified") });
  });

  test("a document that is none", async () => {
    for (const text of ["<html>", "null", "[]", '{"mediaType":5}', '{"schemaVersion":2,"config":{},"layers":[5]}']) {
      serve(Buffer.from(text));
      await expect(pull(), text).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining("cannot use") });
    }
  });
});

describe("broken answers", () => {
  const once = (answer: (response: ServerResponse, bytes: Buffer) => unknown): Interference => {
    let left = 1;
    return ({ url = "" }, response) => {
      if (!url.endsWith(sha256(config)) || left-- < 1) return false;
      answer(response, config);
      return true;
    };
  };

  test("a config is asked for again as a layer is", async () => {
    interfere = once((response, bytes) =>
      response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 9), () => response.destroy()),
    );
    await pull();
    expect(requests.filter((line) => line.includes(sha256(config))).at(-1)).toContain("bytes=9-");
    await scene.engine.images.remove(sha256(config), { force: true });
    interfere = once((response) => response.writeHead(503).end());
    await pull();
  });

  test("a range that begins earlier than asked for is cut, one that begins later is refused", async () => {
    const range = (shift: number): Interference => {
      const broken = once((response, bytes) =>
        response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 9), () => response.destroy()),
      );
      return (request, response) => {
        if (broken(request, response)) return true;
        if (request.headers.range !== "bytes=9-") return false;
        response
          .writeHead(206, { "content-range": `bytes ${9 + shift}-${config.length - 1}/${config.length}` })
          .end(config.subarray(9 + shift));
        return true;
      };
    };
    interfere = range(-9);
    await pull();
    await scene.engine.images.remove(sha256(config), { force: true });
    interfere = range(1);
    await expect(pull()).rejects.toMatchObject({ code: "registry", message: expect.stringContaining("left out a part") });
  });

  test("another protocol than was asked for", async () => {
    interfere = (_, response) =>
      void response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n") === undefined;
    await expect(pull()).rejects.toMatchObject({ code: "registry" });
  });

  test.each(["ftp://127.0.0.1/x", "file:///etc/passwd", "http://[bad"])("a redirect to %s", async (location) => {
    interfere = (_, response) => {
      response.writeHead(307, { location }).end();
      return true;
    };
    await expect(pull()).rejects.toMatchObject({ code: "registry", message: expect.stringContaining(`redirects to "${location}"`) });
  });
});

describe("tokens", () => {
  const guard =
    (answer: string, realm = `http://${host()}/token`): Interference =>
    ({ url = "", headers }, response) => {
      if (url.startsWith("/token")) response.writeHead(200).end(answer);
      else if (headers.authorization === "Bearer good") return false;
      else response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end();
      return true;
    };

  test.each([
    "<html>",
    "null",
    "[]",
    "{}",
    '{"token":5}',
    '{"token":"good","expires_in":"300"}',
    String.raw`{"token":"good\r\nX-Evil: 1"}`,
    '{"token":"g\u00f6\u00f6d\u1234"}',
  ])("%s is none", async (answer) => {
    interfere = guard(answer);
    await expect(pull()).rejects.toMatchObject({ code: "registry-auth", message: expect.stringContaining("its token server") });
  });

  test.each(['{"token":null,"access_token":"good"}', '{"token":"good","expires_in":null}', '{"token":"good","expires_in":0}'])(
    "%s is one",
    async (answer) => {
      interfere = guard(answer);
      await pull();
    },
  );

  test.each(["ftp://127.0.0.1/token", "file:///etc/passwd", "/token"])("a token server at %s is none", async (realm) => {
    interfere = guard('{"token":"good"}', realm);
    await expect(pull()).rejects.toMatchObject({ code: "registry-auth", message: expect.stringContaining("no valid address") });
  });

  test("one that docker's configuration has is used as it is", async () => {
    login({ registrytoken: "good" });
    interfere = guard("{}");
    await pull();
    expect(requests.filter((line) => line.includes("/token"))).toEqual([]);
  });
});

describe("lists of tags", () => {
  const pullAll = () => finish(scene.engine.images.pull(`${host()}/x`, { allTags: true }));
  const list =
    (body: string, headers = {}): Interference =>
    ({ url = "" }, response) => {
      if (!url.includes("/tags/list")) return false;
      response.writeHead(200, headers).end(body);
      return true;
    };

  test("a last page that names itself as the next", async () => {
    interfere = list('{"tags":["1"]}', { link: '</v2/x/tags/list?n=1000>; rel="next"' });
    await pullAll();
    expect(requests.filter((line) => line.includes("/tags/list"))).toHaveLength(1);
  });

  test.each([
    ["<html>", "registry"],
    ['{"tags":[5]}', "registry"],
    ['{"tags":["../../y"]}', "invalid"],
  ])("%s", async (body, code) => {
    interfere = list(body);
    await expect(pullAll()).rejects.toMatchObject({ code });
    expect(await scene.engine.images.list()).toEqual([]);
  });
});
