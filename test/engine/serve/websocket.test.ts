/** Attach by a WebSocket: frames as a browser's API makes them, and those that no client should send. Over the engine in memory. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, type Connection, serveOver } from "../../support/api-client.ts";
import { fakeEngine, image } from "../../support/fake-engine.ts";

let api: ApiClient;
const fake = fakeEngine();

beforeAll(async () => {
  fake.images.push(image("busybox:latest"));
  api = await serveOver(fake.engine);
});
afterAll(() => api[Symbol.asyncDispose]());

/** The example of RFC 6455, 1.3. */
const key = "dGhlIHNhbXBsZSBub25jZQ==";
const binary = 2;

async function open(
  line: string,
  query: string,
  spec: object = {},
  headers = `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`,
) {
  const { json } = await api.post("/containers/create", { Image: "busybox", Cmd: ["sh", "-c", line], OpenStdin: true, ...spec });
  const head = `GET /v1.51/containers/${json.Id}/attach/ws?${query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`;
  const connection = api.raw(head);
  await connection.until(({ head }) => /^HTTP\/1\.1 \d+/.test(head) && connection.head.length > 0);
  return { connection, id: json.Id as string };
}

/** A client's frame, masked. */
function frame(kind: number, text: string, { final = true, masked = true } = {}): Buffer {
  const payload = Buffer.from(text);
  const mask = Buffer.from([1, 2, 3, 4]);
  const size = payload.length < 126 ? Buffer.from([payload.length]) : Buffer.from([126, payload.length >> 8, payload.length & 255]);
  size[0]! |= masked ? 0x80 : 0;
  if (masked) for (let at = 0; at < payload.length; at++) payload[at]! ^= mask[at & 3]!;
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | kind]), size, ...(masked ? [mask] : []), payload]);
}

/** The server's frames that are whole: "2 text". */
function frames({ bytes }: Connection): string[] {
  const found: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = bytes[at + 1]!;
    const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2);
    const size = short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
    if (start + size > bytes.length) break;
    found.push(`${bytes[at]! & 15} ${bytes.subarray(start, start + size)}`);
    at = start + size;
  }
  return found;
}
const said = (connection: Connection) =>
  frames(connection)
    .filter((each) => each.startsWith(`${binary} `))
    .map((each) => each.slice(2))
    .join("");

test("what a container writes comes, what the client sends is read; its end closes", async () => {
  const { connection, id } = await open("echo first; read line; echo got $line; echo bad >&2", "stream=1&stdin=1&stdout=1&stderr=1");
  expect(connection.head).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  expect(connection.head).toMatch(/^HTTP\/1\.1 101 .*Upgrade: websocket/s);
  await api.post(`/containers/${id}/start`);
  await connection.until((each) => said(each).includes("first\n"));
  connection.socket.write(Buffer.concat([frame(9, "are you there"), frame(1, "wo", { final: false }), frame(0, "rd\n")]));
  await connection.closed;
  expect(said(connection)).toBe("first\ngot word\nbad\n");
  expect(frames(connection)).toContain("10 are you there");
  expect(frames(connection).at(-1)).toMatch(/^8 /);
});

test("long messages go whole; only what was asked for is shown, but for clients that could not ask", async () => {
  const long = "x".repeat(70_000);
  const { connection, id } = await open(`echo ${long}; echo bad >&2`, "stream=1&stdout=1");
  await api.post(`/containers/${id}/start`);
  await connection.closed;
  expect(said(connection)).toBe(`${long}\n`);
  const { json } = await api.post("/containers/create", { Image: "busybox", Cmd: ["sh", "-c", "echo old"] });
  const old = api.raw(
    `GET /v1.41/containers/${json.Id}/attach/ws?stream=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await old.until(({ head }) => head.includes("101"));
  await api.post(`/containers/${json.Id}/start`);
  await old.closed;
  expect(said(old)).toBe("old\n");
});

test.each([
  ["frames without a mask", frame(binary, "x", { masked: false })],
  ["kinds that there are not", frame(5, "x")],
  ["more than anybody types", Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0])],
  ["extensions", Buffer.from([0xc2, 0x80, 0, 0, 0, 0])],
])("%s end the connection, and nothing else", async (_, bytes) => {
  const { connection, id } = await open("read line; echo got $line", "stream=1&stdin=1&stdout=1");
  await api.post(`/containers/${id}/start`);
  connection.socket.write(bytes);
  await connection.closed;
  expect(frames(connection).at(-1)).toBe(`8 ${Buffer.from([3, 234])}`);
  expect((await api.get(`/containers/${id}/json`)).json.State.Running).toBe(true);
  await api.post(`/containers/${id}/kill`);
});

test("a handshake that is none is refused", async () => {
  const bad = await open("exit", "stream=1", {}, "Sec-WebSocket-Version: 8\r\n");
  expect(bad.connection.head).toMatch(/^HTTP\/1\.1 400 /);
  expect((await api.get(`/containers/${bad.id}/attach/ws?stream=1`)).status).toBe(400);
});
