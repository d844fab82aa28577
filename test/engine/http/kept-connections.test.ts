/** Connections that are kept between requests, and servers that close them meanwhile. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { type HttpRequest, request } from "../../../engine/http/request.ts";

/** Answers the first request of each connection; a further one is closed without a word. */
async function impatientServer() {
  const sockets = new Set<Socket>();
  const seen: string[] = [];
  const server = createServer((socket) => {
    let answered = 0;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      seen.push(chunk.toString().split(" ")[0] ?? "");
      if (answered++ > 0) socket.destroy();
      else socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${seen.at(-1) === "HEAD" ? "" : "ok"}`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    seen,
    connections: () => sockets.size,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function ask(url: URL, options: HttpRequest = {}) {
  return (await request(url, options)).text();
}

test("what only asks is asked again on a fresh connection", async () => {
  using server = await impatientServer();
  expect(await ask(server.url)).toBe("ok");
  expect(await ask(server.url)).toBe("ok");
  await ask(server.url, { method: "HEAD" });
  expect(server.seen).toEqual(["GET", "GET", "GET", "HEAD", "HEAD"]);
  expect(server.connections()).toBe(3);
});

test("what changes something is not sent twice", async () => {
  using server = await impatientServer();
  expect(await ask(server.url)).toBe("ok");
  await expect(ask(server.url, { method: "POST", body: Buffer.from("x") })).rejects.toMatchObject({ code: "registry" });
  expect(server.seen.filter((method) => method === "POST")).toEqual(["POST"]);
});
