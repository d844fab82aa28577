/** What all routes share: versions, headers, errors, checks of parameters and bodies. Over the engine in memory. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groups, routes } from "../../../engine/serve/table.ts";
import { type ApiClient, serveOver } from "../../support/api-client.ts";
import { fakeEngine, image } from "../../support/fake-engine.ts";

let api: ApiClient;
const fake = fakeEngine();

beforeAll(async () => {
  fake.images.push(image("busybox:latest"));
  api = await serveOver(fake.engine);
});
afterAll(() => api[Symbol.asyncDispose]());

test("the table says each route once, each with a summary", () => {
  const names = routes.map(({ method, path }) => `${method} ${path.replace(/\{\w+/g, "{")}`);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  for (const { summary } of routes) expect(summary).toMatch(/^[A-Z].*[^.]$/);
  for (const { title, routes } of groups) expect([title, routes.length > 0]).toEqual([expect.stringMatching(/^[A-Z]/), true]);
});

test("a client asks whether somebody is there, and learns the version", async () => {
  const { status, text, headers } = await api.get("/_ping");
  expect([status, text]).toEqual([200, "OK"]);
  expect(headers).toMatchObject({
    "api-version": "1.51",
    ostype: "linux",
    "builder-version": "2",
    "docker-experimental": "false",
    swarm: "inactive",
    "cache-control": "no-cache, no-store, must-revalidate",
    "content-type": "text/plain; charset=utf-8",
  });
  expect(headers["server"]).toMatch(/^Docker\/1\.2\.3 \(linux/);
  const head = await api.call("HEAD", "/v1.44/_ping");
  expect([head.status, head.text, head.headers["api-version"]]).toEqual([200, "", "1.51"]);
});

test("versions: any that is served, none beyond", async () => {
  for (const version of ["1.24", "1.41", "1.44", "1.51"]) expect((await api.get(`/v${version}/containers/json`)).status).toBe(200);
  expect(await api.get("/v1.52/containers/json")).toMatchObject({
    status: 400,
    json: { message: "client version 1.52 is too new. Maximum supported API version is 1.51" },
  });
  expect((await api.get("/v1.12/containers/json")).json.message).toMatch(
    /^client version 1\.12 is too old\. Minimum supported API version is 1\.24/,
  );
});

test("what is not there is 404, in docker's words", async () => {
  for (const path of ["/nothing", "/v1.44/containers", "/v1.44/containers/a/b/c", "/v1.44x/info", "/%zz", "/containers/%/json"])
    expect(await api.get(path), path).toMatchObject({ status: 404, json: { message: "page not found" } });
  expect(await api.call("DELETE", "/info")).toMatchObject({ status: 404 });
  expect(await api.get("/containers/nobody/json")).toMatchObject({ status: 404, json: { message: expect.stringContaining("nobody") } });
});

describe("parameters", () => {
  test.each([
    ["/containers/json?limit=x", '"limit"'],
    ["/containers/json?filters=no", "invalid filter"],
    ["/containers/json?filters=[]", "filter"],
    [`/containers/json?filters=${encodeURIComponent('{"smell":["sweet"]}')}`, "smell"],
    ["/events?since=yesterday", '"since"'],
  ])("%s is refused, and named", async (path, name) => {
    expect(await api.get(path)).toMatchObject({ status: 400, json: { message: expect.stringContaining(name) } });
  });

  test("flags are docker's, filters are lists or maps to true", async () => {
    const { json } = await api.post("/containers/create?name=flagged", { Image: "busybox", Labels: { mark: "flags" } });
    const count = async (query: string) => (await api.get(`/containers/json?${query}`)).json.length;
    for (const all of ["1", "true", "True", "yes"]) expect(await count(`all=${all}`), all).toBe(1);
    for (const all of ["0", "false", "False", "no", "none", ""]) expect(await count(`all=${all}`), all).toBe(0);
    for (const filters of ['{"label":["mark=flags"]}', '{"label":{"mark=flags":true}}'])
      expect(await count(`all=1&filters=${encodeURIComponent(filters)}`), filters).toBe(1);
    expect(await count(`all=1&filters=${encodeURIComponent('{"label":{"mark=other":true}}')}`)).toBe(0);
    await api.call("DELETE", `/containers/${json.Id}`);
  });
});

describe("bodies", () => {
  const create = (body: object | Uint8Array, headers?: Record<string, string>) => api.call("POST", "/containers/create", body, headers);

  test.each([
    ["no JSON", Buffer.from("{invalid"), "invalid JSON: invalid character 'i' looking for beginning of object key string"],
    ["half of JSON", Buffer.from('{"a":'), "invalid JSON: unexpected EOF"],
    ["more than JSON", Buffer.from("{} x"), "unexpected content after JSON"],
    ["a list", [], "is a list"],
    ["nothing", {}, "config cannot be empty"],
    ["no image", { Cmd: ["true"] }, "Image is missing"],
    ["a member of another kind", { Image: "busybox", HostConfig: { Memory: "64m" } }, "HostConfig.Memory: it is a string, where integer"],
    ["an element of another kind", { Image: "busybox", Env: ["A=1", 2] }, "Env[1]"],
  ])("%s is refused", async (_, body, message) => {
    const reply = await create(body, { "content-type": "application/json" });
    expect(reply).toMatchObject({ status: 400, json: { message: expect.stringContaining(message) } });
  });

  test("another type than JSON, and one too long, are refused", async () => {
    expect((await create(Buffer.from("Image=busybox"), { "content-type": "application/x-www-form-urlencoded" })).json.message).toBe(
      "unsupported Content-Type header (application/x-www-form-urlencoded): must be 'application/json'",
    );
    const long = await create(Buffer.from("{}"), { "content-type": "application/json", "content-length": String(8 << 20) }).catch(
      () => undefined,
    );
    expect(long?.status).toBe(400);
  });

  test("null is nothing, and members that nobody knows are passed over", async () => {
    const body = {
      image: "busybox",
      Cmd: null,
      Env: null,
      HostConfig: { Binds: null, RestartPolicy: { Name: "" }, Colour: "red" },
      Shade: 1,
    };
    const { status, json } = await create(body);
    expect([status, json.Warnings]).toEqual([201, []]);
    await api.call("DELETE", `/containers/${json.Id}`);
  });

  test("what berth has nothing for is refused by its name, unless it means nothing", async () => {
    const refused = await create({ Image: "busybox", HostConfig: { DeviceRequests: [{ Count: -1 }] } });
    expect(refused).toMatchObject({ status: 501, json: { message: expect.stringContaining("HostConfig.DeviceRequests") } });
    expect((await create({ Image: "busybox", HostConfig: { KernelMemoryTCP: 1 } })).status).toBe(501);
    const HostConfig = { DeviceRequests: null, StorageOpt: {}, Isolation: "", CpuCount: 0, VolumeDriver: "", KernelMemoryTCP: 0 };
    const { status, json } = await create({ Image: "busybox", HostConfig });
    expect(status).toBe(201);
    await api.call("DELETE", `/containers/${json.Id}`);
  });
});

test("who sends all before he reads comes to the answer that his request is refused", async () => {
  const body = Buffer.alloc(8 << 20);
  for (const path of ["/build?buildargs=x", "/images/load", "/images/create", "/nothing"]) {
    const { status, json } = await api.call("POST", path, body, { "content-type": "application/x-tar", connection: "keep-alive" });
    expect([path, status, typeof json.message]).toEqual([path, path === "/nothing" ? 404 : 400, "string"]);
  }
});

test("a connection serves one request after another, also behind one that was refused", async () => {
  const connection = api.raw(
    "GET /_ping HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /_ping HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  await connection.until(({ bytes }) => bytes.toString().split("HTTP/1.1").length === 3 && bytes.toString().endsWith("OK"));
  connection.socket.destroy();
});

test.each(["tcp", "h2c", "websocket"])("a request to upgrade to %s that is refused is answered, and the server goes on", async (to) => {
  for (const path of ["/v1.99/containers/x/attach", "/v1.1/session", "/%/attach", "/v1.44/containers/%zz/attach/ws"]) {
    const connection = api.raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\nContent-Length: 0\r\n\r\n`);
    await connection.until(({ head }) => /^HTTP\/1.1 4\d\d /.test(head));
    connection.socket.destroy();
  }
  expect((await api.get("/_ping")).status).toBe(200);
});

test("docker-modem's request for a session says that a body comes in chunks: there is none, and it may have none", async () => {
  const session = "X-Docker-Expose-Session-Uuid: a\r\nX-Docker-Expose-Session-Name: b";
  const head = `POST /session HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${session}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const whole = api.raw(`${head}0\r`);
  whole.socket.write("\n\r\n");
  await whole.until(({ bytes }) => bytes.includes("PRI * HTTP/2.0"));
  expect(whole.head).toContain("101");
  whole.socket.destroy();
  const other = api.raw(`${head}3\r\nabc\r\n0\r\n\r\n`);
  await other.closed;
  expect([other.head.split("\r\n")[0], other.bytes.toString()]).toEqual([
    "HTTP/1.1 400 Bad Request",
    expect.stringContaining("a request to upgrade to h2c has no body"),
  ]);
});

test("what is no HTTP is answered, and dropped", async () => {
  for (const bytes of [
    "hello\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01",
    "GET / HTTP/9.9\r\n\r\n",
    "POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
  ]) {
    const connection = api.raw(bytes);
    await connection.closed;
    expect(connection.head).toMatch(/^HTTP\/1\.1 400/);
  }
  expect((await api.get("/_ping")).status).toBe(200);
});
