/** Streams of containers on connections that are taken over, over the engine in memory. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Containers, EngineError } from "../../../engine/index.ts";
import { type ApiClient, framesOf, serveOver } from "../../support/api-client.ts";
import { fakeEngine, image } from "../../support/fake-engine.ts";

let api: ApiClient;
const fake = fakeEngine();

beforeAll(async () => {
  fake.images.push(image("busybox:latest"));
  api = await serveOver(fake.engine);
});
afterAll(() => api[Symbol.asyncDispose]());

async function make(line: string, spec: object = {}): Promise<string> {
  const { status, json } = await api.post("/containers/create", { Image: "busybox", Cmd: ["sh", "-c", line], ...spec });
  expect(status).toBe(201);
  return json.Id;
}

const start = (id: string) => api.post(`/containers/${id}/start`);

test("attach, wait, start, as a client does it: nothing is lost, and the status comes", async () => {
  const id = await make("echo first; read line; echo got $line; echo bad >&2; exit 3", { OpenStdin: true, AttachStdin: true });
  const attached = api.upgrade(`/v1.44/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`);
  await attached.until(({ head }) => head.includes("101"));
  expect(attached.head.split("\r\n")).toEqual(
    expect.arrayContaining([
      "HTTP/1.1 101 UPGRADED",
      "Content-Type: application/vnd.docker.multiplexed-stream",
      "Connection: Upgrade",
      "Upgrade: tcp",
      "Api-Version: 1.51",
    ]),
  );
  const waiting = api.raw(`POST /v1.44/containers/${id}/wait?condition=next-exit HTTP/1.1\r\nHost: x\r\n\r\n`);
  await waiting.until(({ head }) => head.includes("200"));
  expect((await start(id)).status).toBe(204);
  await attached.until(({ frames }) => frames.length === 1);
  attached.socket.end("word\n"); // half closed: what comes is still read
  await attached.closed;
  expect(attached.frames).toEqual(["stdout: first\n", "stdout: got word\n", "stderr: bad\n"]);
  await waiting.until(({ bytes }) => bytes.includes('{"StatusCode":3}'));
});

test.for([
  ["an upgrade", "POST /containers/%/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"],
  ["none", "POST /containers/%/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\n"],
  [
    "a WebSocket",
    "GET /containers/%/attach/ws?stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ],
])("the head of an attach comes once it waits for the start: %s", async ([, request]) => {
  const asked = Promise.withResolvers<void>();
  const allowed = Promise.withResolvers<void>();
  const containers: Containers = {
    ...fake.engine.containers,
    async attach(...attach) {
      asked.resolve();
      await allowed.promise;
      return fake.engine.containers.attach(...attach);
    },
  };
  await using slow = await serveOver({ ...fake.engine, containers });
  const id = await make("echo one");
  const attached = slow.raw(request!.replace("%", id));
  await asked.promise;
  expect((await slow.get("/_ping")).status).toBe(200); // a head that was sent would have come before
  expect(attached.head).toBe("");
  allowed.resolve();
  await attached.until(({ head }) => head.startsWith("HTTP/1.1 "));
  expect((await start(id)).status).toBe(204);
  await attached.closed;
  expect(attached.bytes.toString()).toContain("one\n");
});

test("an attach that fails has a head, too", async () => {
  const containers: Containers = {
    ...fake.engine.containers,
    attach: () => Promise.reject(new EngineError("system", "its monitor is gone")),
  };
  await using failing = await serveOver({ ...fake.engine, containers });
  const id = await make("read line", { OpenStdin: true });
  expect((await start(id)).status).toBe(204);
  const attached = failing.upgrade(`/containers/${id}/attach?stream=1&stdout=1&stderr=1`);
  await attached.closed;
  expect([attached.head.split("\r\n")[0], attached.frames]).toEqual(["HTTP/1.1 101 UPGRADED", ["stderr: its monitor is gone\r\n"]]);
});

test("a terminal has no frames; older clients are not told of frames", async () => {
  const id = await make("echo one", { Tty: true });
  const attached = api.upgrade(`/v1.44/containers/${id}/attach?stream=1&stdout=1`);
  await attached.until(({ head }) => head.includes("application/vnd.docker.raw-stream"));
  await start(id);
  await attached.closed;
  expect(attached.bytes.toString()).toBe("one\n");
  const logs = async (version: string) =>
    (await api.get(`/v${version}/containers/${await make("exit 0")}/logs?stdout=1`)).headers["content-type"];
  expect(await logs("1.41")).toBe("application/vnd.docker.raw-stream");
  expect(await logs("1.42")).toBe("application/vnd.docker.multiplexed-stream");
});

test("a client that asks for no upgrade gets 200 and the stream", async () => {
  const id = await make("echo one");
  const attached = api.raw(`POST /containers/${id}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\n`);
  await attached.until(({ head }) => head.startsWith("HTTP/1.1 200"));
  expect(attached.head.toLowerCase()).not.toContain("transfer-encoding");
  await start(id);
  await attached.closed;
  expect(attached.frames).toEqual(["stdout: one\n"]);
});

test("what is asked for is shown: one stream, the past, the past alone", async () => {
  const id = await make("echo one; echo two >&2; read line; echo three", { OpenStdin: true });
  await start(id);
  await expect.poll(async () => (await api.get(`/containers/${id}/logs?stdout=1&stderr=1`)).body.length).toBe(24);
  const past = api.upgrade(`/containers/${id}/attach?logs=1&stderr=1`);
  await past.closed;
  expect(past.frames).toEqual(["stderr: two\n"]);
  const both = api.upgrade(`/containers/${id}/attach?logs=1&stream=1&stdin=1&stdout=1`);
  await both.until(({ frames }) => frames.length === 1);
  both.socket.write("x\n");
  await both.closed;
  expect(both.frames).toEqual(["stdout: one\n", "stdout: three\n"]);
});

test("a log has a frame for each line, however many were read at once", async () => {
  const read = [
    { stream: "stdout", time: "", data: Buffer.from("one\n\nhalf"), partial: true },
    { stream: "stderr", time: "", data: Buffer.from("two\nthree\n"), partial: true },
  ] as const;
  const containers: Containers = {
    ...fake.engine.containers,
    async *logs() {
      yield [...read];
    },
  };
  await using joined = await serveOver({ ...fake.engine, containers });
  const { body } = await joined.get(`/containers/${await make("exit 0")}/logs?stdout=1&stderr=1`);
  expect(framesOf(body)).toEqual(["stdout: one\n", "stdout: \n", "stdout: half", "stderr: two\n", "stderr: three\n"]);
});

test("an error before the connection is taken over is an answer", async () => {
  const attached = api.upgrade("/containers/nobody/attach?stream=1&stdout=1");
  await attached.closed;
  expect(attached.head).toMatch(/^HTTP\/1\.1 404 Not Found/);
  expect(JSON.parse(attached.bytes.toString())).toEqual({ message: expect.stringContaining("nobody") });
});

test("exec: made, started with its body, looked at; its status is told, its failure shown", async () => {
  const id = await make("while true; do sleep 1; done");
  await start(id);
  const exec = async (line: string, spec: object = {}) =>
    (await api.post(`/containers/${id}/exec`, { Cmd: ["sh", "-c", line], AttachStdout: true, AttachStderr: true, ...spec })).json.Id;
  const first = await exec("read line; echo got $line; exit 4", { AttachStdin: true });
  const session = api.upgrade(`/exec/${first}/start`, { Detach: false, Tty: false });
  await session.until(({ head }) => head.includes("101"));
  session.socket.end("word\n");
  await session.closed;
  expect(session.frames).toEqual(["stdout: got word\n"]);
  expect((await api.get(`/exec/${first}/json`)).json).toMatchObject({ ID: first, Running: false, ExitCode: 4, OpenStdin: true });
  expect(await api.post(`/exec/${first}/start`, {})).toMatchObject({ status: 409 });
  const missing = (await api.post(`/containers/${id}/exec`, { Cmd: ["no-such-program"], AttachStdout: true })).json.Id;
  const failed = api.upgrade(`/exec/${missing}/start`, {});
  await failed.closed;
  expect(failed.frames.join()).toContain("executable file not found");
  expect((await api.get(`/exec/${missing}/json`)).json.ExitCode).toBe(127);
  expect(await api.post(`/containers/${id}/exec`, { Cmd: [] })).toMatchObject({ status: 400 });
  const late = (await api.post(`/containers/${id}/exec`, { Cmd: ["true"], AttachStdout: true })).json.Id;
  for (const [verb, words] of [
    ["pause", "is paused"],
    ["unpause", ""],
    ["kill", "is not running"],
  ] as const) {
    await api.post(`/containers/${id}/${verb}`, undefined);
    if (words)
      expect(await api.post(`/exec/${late}/start`, {})).toMatchObject({ status: 409, json: { message: expect.stringContaining(words) } });
  }
  await api.call("DELETE", `/containers/${id}?force=1`);
});

test("events: from now on when the head has come, past ones when asked, until the client goes", async () => {
  const filters = encodeURIComponent(JSON.stringify({ type: ["container"], event: ["create"] }));
  const heard = api.raw(`GET /events?filters=${filters} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await heard.until(({ head }) => head.includes("200"));
  const id = await make("exit 0");
  await heard.until(({ bytes }) => bytes.includes(id));
  const line = JSON.parse(/\{.*\}/.exec(heard.bytes.toString())![0]);
  expect(line).toMatchObject({ status: "create", id, from: "busybox", Type: "container", Action: "create", scope: "local" });
  heard.socket.destroy();
  const past = await api.get(`/events?since=0&until=${Date.now() / 1000}&filters=${filters}`);
  expect(past.text).toContain(id);
});

test("stats: one sample, or one with the sample before it", async () => {
  const id = await make("while true; do sleep 1; done");
  await start(id);
  const once = (await api.get(`/containers/${id}/stats?stream=0&one-shot=1`)).json;
  expect(once).toMatchObject({ id, cpu_stats: { online_cpus: expect.any(Number) }, memory_stats: { usage: expect.any(Number) } });
  expect(once.precpu_stats.system_cpu_usage).toBeUndefined();
  const stream = api.raw(`GET /containers/${id}/stats HTTP/1.1\r\nHost: x\r\n\r\n`);
  await stream.until(({ bytes }) => bytes.includes("\n"));
  stream.socket.destroy();
  await expect.poll(() => fake.measuring).toBe(0);
  expect(await api.get("/containers/nobody/stats?stream=0")).toMatchObject({ status: 404 });
});

test("a server that stops ends what waits, and takes no more", async () => {
  const own = await serveOver(fake.engine);
  const id = await make("while true; do sleep 1; done");
  await start(id);
  const streams = [
    own.raw("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"),
    own.raw(`GET /containers/${id}/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\n`),
    own.raw(`POST /containers/${id}/wait HTTP/1.1\r\nHost: x\r\n\r\n`),
    own.upgrade(`/containers/${id}/attach?stream=1&stdout=1`),
  ];
  for (const stream of streams) await stream.until(({ head }) => head.includes("HTTP/1.1"));
  await own[Symbol.asyncDispose]();
  for (const stream of streams) await stream.closed;
  await expect(own.get("/_ping")).rejects.toThrow(/ENOENT|ECONNREFUSED/);
});
