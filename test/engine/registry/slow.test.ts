/** Registries that send a little now and then: never silent, never done. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSocketServer, type Socket, type Server as SocketServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { Pacemaker } from "../../../engine/http/pace.ts";
import { readBlob } from "../../../engine/registry/blob.ts";
import { RegistryClient } from "../../../engine/registry/client.ts";
import { fetchDocumentBlob, fetchManifest } from "../../../engine/registry/manifest.ts";
import { listTags } from "../../../engine/registry/tags.ts";
import { uploadStream } from "../../../engine/registry/upload.ts";

const pace = { floor: 100_000, window: 100, document: 500 };
const platform = { os: "linux", architecture: "amd64" };
const descriptor = { mediaType: "application/octet-stream", digest: `sha256:${"a".repeat(64)}`, size: 1 << 30 };

const open: (Server | SocketServer)[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of open.splice(0)) server.close();
});

async function listen(server: Server | SocketServer, floor = pace.floor): Promise<RegistryClient> {
  open.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return new RegistryClient({ domain: `127.0.0.1:${port}`, path: "slow", tag: "1" }, { pace: { ...pace, floor } });
}

/** Sends something every few milliseconds for as long as anybody listens. */
async function trickle(to: { write(chunk: string): unknown; destroyed: boolean }, chunk = "x"): Promise<void> {
  for (; !to.destroyed; await delay(5)) to.write(chunk);
}

const trickling: RequestListener = (request, response) => {
  if (request.url === "/v2/") response.end();
  else void trickle(response.writeHead(200, { "content-type": "application/json" }));
};

const slow = expect.stringMatching(/too slow|took longer/);

test.each<[string, (client: RegistryClient) => Promise<unknown>]>([
  ["a manifest", (client) => fetchManifest(client, platform)],
  ["a list of tags", (client) => listTags(client)],
  ["a config", (client) => fetchDocumentBlob(client, { ...descriptor, size: 1000 })],
])("%s that never ends", async (_, ask) => {
  const client = await listen(createServer(trickling));
  await expect(ask(client)).rejects.toMatchObject({ code: "registry", message: slow });
});

test("a manifest that comes fast enough at every moment, and yet never ends", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/v2/") response.end();
    else void trickle(response.writeHead(200), " ".repeat(1000));
  });
  await expect(fetchManifest(await listen(server, 1), platform)).rejects.toMatchObject({
    code: "registry",
    message: expect.stringMatching(/^cannot fetch the manifest of "127.0.0.1:\d+\/slow:1": it took longer than/),
  });
});

test("a blob that trickles is tried again, and given up", async () => {
  const client = await listen(createServer(trickling));
  const reasons: string[] = [];
  const read = async () => {
    for await (const _ of readBlob(client, descriptor, { onRetry: ({ message }) => reasons.push(message) }));
  };
  await expect(read()).rejects.toMatchObject({
    code: "registry",
    details: { code: "ESLOW" },
    message: expect.stringContaining("too slow"),
  });
  expect(reasons).toHaveLength(4);
}, 60_000);

test("a head that trickles", async () => {
  const server = createSocketServer((socket) => {
    socket.on("data", () => {});
    void trickle(socket, "HTTP/1.1 100 Continue\r\n\r\n");
  });
  const client = await listen(server);
  await expect(client.call("tags/list")).rejects.toMatchObject({ code: "registry", details: { code: "ETIMEDOUT" } });
});

test("a token server that trickles", async () => {
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/token")) void trickle(response.writeHead(200));
    else response.writeHead(401, { "www-authenticate": `Bearer realm="http://${request.headers.host}/token"` }).end();
  });
  await expect(listTags(await listen(server))).rejects.toMatchObject({ message: slow });
});

test("a registry that takes in what it is sent too slowly", async () => {
  const server = createServer((request, response) => {
    if (request.method === "POST") response.writeHead(202, { location: "/v2/slow/blobs/uploads/1" }).end();
    else if (request.method !== "PATCH") response.end();
    else
      void (async () => {
        request.pause();
        for (; !request.destroyed; await delay(5)) request.read(1);
      })();
  });
  const endless = async function* () {
    for (;;) yield Buffer.alloc(1 << 20);
  };
  await expect(uploadStream(await listen(server), endless())).rejects.toMatchObject({ code: "registry", details: { code: "ESLOW" } });
});

test("what its reader does in between is not the server's time", () => {
  const pacemaker = new Pacemaker({ floor: 1000, window: 100, document: 0 });
  for (let at = 0; at < 1000; at++) pacemaker.count(1, 0.01);
  pacemaker.count(100, 100);
  expect(() => pacemaker.count(99, 100)).toThrow("990 bytes a second");
});
