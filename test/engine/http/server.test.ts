/** Who comes in at the door: sockets in the file system, ports, certificates. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { aborted } from "../../../engine/aborted.ts";
import { type Address, type HttpListener, type Identity, listen } from "../../../engine/http/server.ts";
import { certificates } from "../../support/certificates.ts";
import { programOrSkip } from "../../support/programs.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-http-"));
const path = join(directory, "x.sock");
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const open = (address: Address, tls?: Identity): Promise<HttpListener> =>
  listen({
    address,
    ...(tls && { tls }),
    upgrades: () => false,
    handle: async (exchange) => exchange.answer(200, {}, `${exchange.method} ${exchange.url} ${await exchange.read(10)}`),
  });

async function ask(options: RequestOptions, body?: string, send: typeof requestHttps = requestHttp): Promise<string> {
  const sent = send({ path: "/x", agent: false, ...options });
  sent.end(body);
  const [response] = await once(sent, "response");
  return text(response);
}

test("a socket appears with its mode and owner, takes a dead one's place, and no other's", async () => {
  const address = { kind: "unix", path, gid: 12 } as const;
  const first = await open(address);
  expect(first.url).toBe(`unix://${path}`);
  const { mode, uid, gid } = statSync(path);
  expect([mode & 0o777, uid, gid]).toEqual([0o660, 0, 12]);
  expect(await ask({ socketPath: path, method: "POST" }, "body")).toBe("POST /x body");
  await expect(open(address)).rejects.toMatchObject({ code: "in-use" });
  await first.close(1000);
  expect(existsSync(path)).toBe(false);
  const killed = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", killed]);
  expect(existsSync(path)).toBe(true);
  const second = await open(address);
  expect(await ask({ socketPath: path })).toBe("GET /x ");
  await second.close(1000);
});

test("what is no socket stays", async () => {
  const file = join(directory, "file");
  writeFileSync(file, "words");
  await expect(open({ kind: "unix", path: file, gid: 0 })).rejects.toMatchObject({ code: "conflict" });
  expect(readFileSync(file, "utf8")).toBe("words");
});

test("a port, and one that is taken", async () => {
  const listener = await open({ kind: "tcp", host: "127.0.0.1", port: 0 });
  const port = Number(new URL(listener.url).port);
  expect(await ask({ host: "127.0.0.1", port })).toBe("GET /x ");
  const taken = open({ kind: "tcp", host: "127.0.0.1", port });
  await expect(taken).rejects.toMatchObject({ code: "system", message: expect.stringContaining("EADDRINUSE") });
  await listener.close(1000);
});

test("with certificates, only who shows one of the authority comes in", async (context) => {
  const { make, signed } = certificates(programOrSkip(context, "openssl"), directory);
  const ca = make("ca").cert;
  make("other");
  const listener = await open({ kind: "tcp", host: "127.0.0.1", port: 0 }, { ca, ...signed("server", "ca") });
  const port = Number(new URL(listener.url).port);
  const to = { host: "127.0.0.1", port, ca };
  expect(await ask({ ...to, ...signed("friend", "ca") }, undefined, requestHttps)).toBe("GET /x ");
  await expect(ask({ ...to, ...signed("stranger", "other") }, undefined, requestHttps)).rejects.toThrow();
  await expect(ask(to, undefined, requestHttps)).rejects.toThrow();
  await expect(ask({ host: "127.0.0.1", port })).rejects.toThrow();
  await listener.close(1000);
});

test("whoever asks for the connection before it has its answers loses it, and nobody else", async () => {
  const listener = await listen({
    address: { kind: "unix", path, gid: 0 },
    upgrades: () => true,
    handle: async (exchange) => (exchange.url === "/wait" ? await aborted(exchange.signal) : exchange.answer(200, {}, "served")),
  });
  const socket = connect(path).resume();
  socket.write("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nPOST /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
  await once(socket, "close");
  expect(await ask({ socketPath: path })).toBe("served");
  await listener.close(1000);
  expect(listener.busy).toBe(0);
});

test("an upload that breaks off before anybody reads it", async () => {
  const begun = Promise.withResolvers<Readable>();
  const listener = await listen({
    address: { kind: "unix", path, gid: 0 },
    upgrades: () => false,
    async handle(exchange) {
      const upload = exchange.upload();
      begun.resolve(upload);
      await aborted(exchange.signal);
    },
  });
  const socket = connect(path);
  socket.write("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  const upload = await begun.promise;
  socket.destroy();
  await new Promise((closed) => upload.once("close", closed));
  await expect(text(upload)).rejects.toThrow("the request's body breaks off");
  await listener.close(1000);
});
