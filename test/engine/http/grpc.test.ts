/** gRPC on connections that were taken over, by a socket and within TLS: messages of all sizes, either way, and failures. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, expect, test } from "vitest";
import { EngineError } from "../../../engine/errors.ts";
import { GrpcClient, type GrpcService, serveGrpc } from "../../../engine/http/grpc.ts";
import { type Address, type Identity, listen } from "../../../engine/http/server.ts";
import { certificates } from "../../support/certificates.ts";
import { programOrSkip } from "../../support/programs.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-grpc-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const service: GrpcService = {
  failure: ({ message }) => ({ code: 2, message }),
  async handle({ path, stream, metadata }) {
    if (path === "/fail") throw new EngineError("system", "no: ü %\n");
    for await (const message of stream.messages()) await stream.send(Buffer.concat([message, Buffer.from(String(metadata["mark"]))]));
  },
};

const open = (address: Address, tls?: Identity) =>
  listen({
    address,
    ...(tls && { tls }),
    upgrades: () => true,
    async handle(exchange) {
      const connection = exchange.hijack({});
      await exchange.tell();
      await serveGrpc(connection, service, exchange.signal);
    },
  });

const request = "POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

async function upgraded(socket: Socket): Promise<Socket> {
  socket.write(request);
  const [head] = (await once(socket, "data")) as [Buffer];
  socket.pause();
  const end = head.indexOf("\r\n\r\n") + 4;
  if (end < head.length) socket.unshift(head.subarray(end));
  return socket;
}

async function talk(socket: Socket): Promise<void> {
  const abort = new AbortController();
  const client = new GrpcClient(await upgraded(socket), abort.signal);
  for (const size of [0, 1, 100_000, 9 << 20]) {
    const call = client.call("/echo", { mark: "!" }, abort.signal);
    const sending = Promise.all([Buffer.alloc(size, "a"), Buffer.alloc(3, "b")].map((each) => call.send(each))).then(() => call.end());
    const lengths: number[] = [];
    for await (const message of call.messages()) lengths.push(message.length);
    await sending;
    expect(lengths).toEqual([size + 1, 4]);
  }
  await expect(client.ask("/fail", Buffer.from("x"), abort.signal)).rejects.toThrow("no: ü %\n");
  abort.abort();
  await client.closed;
  expect(() => client.call("/echo", {}, abort.signal)).toThrow("the client is gone");
}

test("by a socket, again and again", async () => {
  const path = join(directory, "x.sock");
  await using _ = await closing(open({ kind: "unix", path, gid: 0 }));
  for (let at = 0; at < 5; at++) await talk(connect(path));
});

test("within TLS, again and again", async (context) => {
  const { make, signed } = certificates(programOrSkip(context, "openssl"), directory);
  const ca = make("ca").cert;
  const made = await closing(open({ kind: "tcp", host: "127.0.0.1", port: 0 }, { ca, ...signed("server", "ca") }));
  await using _ = made;
  const to = { host: "127.0.0.1", port: Number(new URL(made.url).port), ca, ...signed("friend", "ca") };
  for (let at = 0; at < 5; at++) await talk(connectTls(to));
});

/** A frame of HTTP/2 (RFC 9113, "Frame Format"). */
function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.set([type, flags], 3);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** POST, http, authority "x", path "/echo", in HPACK's words. */
const call = Buffer.concat([Buffer.from([0x83, 0x86, 0x01, 1, 0x78, 0x04, 5]), Buffer.from("/echo")]);

test("calls that are given up in the same breath as they are begun, by a client that does not wait for the connection", async () => {
  const path = join(directory, "x.sock");
  await using _ = await closing(open({ kind: "unix", path, gid: 0 }));
  const calls = [1, 3, 5, 7].flatMap((id) => [frame(1, 4, id, call), frame(3, 0, id, Buffer.from([0, 0, 0, 8]))]);
  const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const socket = connect(path).resume();
  socket.end(Buffer.concat([Buffer.from(request), preface, frame(4, 0, 0, Buffer.alloc(0)), ...calls]));
  await once(socket, "close");
  await talk(connect(path));
});

async function closing(opening: ReturnType<typeof open>) {
  const listener = await opening;
  return { url: listener.url, [Symbol.asyncDispose]: () => listener.close(1000) };
}
